internal import Predictions

/// Reads `instances`: rows of numbers, dense or sparse.
struct RowDecoder {
    static let pointer = JSONPointer().appending("instances")

    let limits: RequestLimits

    /// The number of rows: at least one, and at most as many as the limit.
    func count(_ instances: JSONValue) throws(RequestError) -> Int {
        let kind = instances.kind
        if kind != .array { throw .wrongType(.body(Self.pointer), expected: [.array], found: kind) }
        var count = 0
        for _ in instances.elements {
            if count == limits.maxRows { throw Self.flat(instances) ?? tooManyRows }
            count += 1
        }
        if count == 0 { throw .emptyInstances(.body(Self.pointer)) }
        return count
    }

    /// The mistake in a list of numbers, of which each would be an instance; nil for others.
    private static func flat(_ instances: JSONValue) -> RequestError? {
        guard let kind = instances.elements.first(where: { _ in true })?.kind,
            [.integer, .fraction].contains(kind)
        else { return nil }
        return .wrongType(.body(pointer.appending(0)), expected: [.array, .object], found: kind)
    }

    private var tooManyRows: RequestError {
        .tooManyRows(.body(Self.pointer), limit: limits.maxRows)
    }

    /// All rows; allocates the dense ones once.
    func decode(_ instances: JSONValue, width: Int) throws(RequestError) -> FeatureRows {
        let total = try denseCount(instances, width: width)
        var sparseCounts: [Int?] = []
        var sparse = SparseRowReader(
            width: width, limit: limits.maxFeatureCount, denseCount: total)
        let dense = try [Float](capacity: total) { output throws(RequestError) in
            for (row, instance) in instances.elements.enumerated() {
                switch instance.kind {
                case .array:
                    try append(dense: instance, row: row, width: width, to: &output)
                    sparseCounts.append(nil)
                case .object:
                    sparseCounts.append(try sparse.append(instance, row: row))
                case let kind:
                    throw .wrongType(
                        .body(Self.pointer.appending(row)), expected: [.array, .object], found: kind
                    )
                }
            }
        }
        return FeatureRows(
            width: width, dense: dense, columns: sparse.columns, values: sparse.values,
            sparseCounts: sparseCounts)
    }

    /// Numbers of the dense rows, once it is known that there is room for them; columns of sparse
    /// rows are counted where they are read.
    private func denseCount(_ instances: JSONValue, width: Int) throws(RequestError) -> Int {
        let kinds = instances.elements.lazy.map(\.kind)
        let rowCount = kinds.reduce(0) { $0 + ($1 == .array ? 1 : 0) }
        let (total, overflow) = rowCount.multipliedReportingOverflow(by: width)
        // Columns have 32 bits; no weights are as wide as that.
        guard !overflow, total <= limits.maxFeatureCount, width <= Int(UInt32.max) else {
            throw .tooManyFeatures(.body(Self.pointer), limit: limits.maxFeatureCount)
        }
        return total
    }

    private func append(
        dense values: JSONValue, row: Int, width: Int, to output: inout OutputSpan<Float>
    ) throws(RequestError) {
        let copy = values.appendFloats(room: width, to: &output)
        if copy.end == .complete, copy.count == width { return }
        throw Self.fault(copy, in: values, at: Self.pointer.appending(row))
            ?? .wrongWidth(instance: row, expected: width, found: values.elementCount)
    }

    /// The mistake in the element that stopped a copy; nil when it was the number of elements.
    static func fault(
        _ copy: FloatCopy, in values: JSONValue, at pointer: JSONPointer
    ) -> RequestError? {
        let field = RequestField.body(pointer.appending(copy.count))
        switch copy.end {
        case .complete, .tooMany: return nil
        case .notFinite: return .notFinite(field)
        case .notANumber:
            let offender = values.elements.dropFirst(copy.count).first { _ in true }
            return .wrongType(field, expected: [.number], found: offender?.kind ?? .null)
        }
    }
}
