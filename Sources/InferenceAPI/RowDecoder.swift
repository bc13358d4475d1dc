/// Reads `instances`: rows of numbers, dense or sparse, into one row-major buffer.
struct RowDecoder {
    static let pointer = JSONPointer().appending("instances")

    let limits: RequestLimits

    /// How many rows there are: at least one, and at most as many as the limit.
    func count(_ instances: JSONValue) throws(RequestError) -> Int {
        let kind = instances.kind
        if kind != .array { throw .wrongType(.body(Self.pointer), expected: [.array], found: kind) }
        var count = 0
        for _ in instances.elements {
            if count == limits.maximumRows { throw .tooManyRows(limit: limits.maximumRows) }
            count += 1
        }
        if count == 0 { throw .emptyInstances }
        return count
    }

    /// All rows, `count` × `width`, row-major; allocates them once.
    func decode(
        _ instances: JSONValue, count: Int, width: Int
    ) throws(RequestError) -> [Float] {
        let (total, overflow) = count.multipliedReportingOverflow(by: width)
        if overflow || total > limits.maximumFeatureCount {
            throw .tooManyFeatures(rows: count, width: width, limit: limits.maximumFeatureCount)
        }
        var sparse = SparseRow(width: width)
        return try [Float](capacity: total) { output throws(RequestError) in
            for (row, instance) in instances.elements.enumerated() {
                switch instance.kind {
                case .array: try append(dense: instance, row: row, width: width, to: &output)
                case .object:
                    try sparse.append(instance, row: row, to: &output)
                case let kind:
                    throw .wrongType(
                        .body(Self.pointer.appending(row)), expected: [.array, .object], found: kind
                    )
                }
            }
        }
    }

    private func append(
        dense values: JSONValue, row: Int, width: Int, to output: inout OutputSpan<Float>
    ) throws(RequestError) {
        let copy = values.appendFloats(room: width, to: &output)
        if copy.end == .complete, copy.count == width { return }
        throw Self.fault(copy, in: values, at: Self.pointer.appending(row))
            ?? .wrongWidth(instance: row, expected: width, found: values.elementCount)
    }

    /// What is wrong with the element that stopped a copy; nil when it was the number of them.
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
