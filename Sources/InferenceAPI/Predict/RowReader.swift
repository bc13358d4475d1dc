internal import Predictions

/// Reads `instances`: rows of numbers, dense or sparse, which are kept as they come.
///
/// The model may be named behind them. Until then a row may be as long as the widest model's, and
/// its length is checked in the end.
struct RowReader {
    static let pointer = JSONPointer().appending("instances")

    private enum Row {
        /// The count of its numbers.
        case dense(Int)
        case sparse(SparseRow)
    }

    private let limits: RequestLimits
    /// The longest width a row may have.
    private var width: Int
    /// Whether it is that of the request's model.
    private var isWidthKnown = false
    private var dense: [Float] = []
    private var sparse = SparseRowReader()
    private var rows: [Row] = []

    init(limits: RequestLimits, largestWidth: Int) {
        self.limits = limits
        width = largestWidth
    }

    var count: Int { rows.count }

    /// Says the width of the request's model.
    mutating func setWidth(_ width: Int) {
        self.width = width
        isWidthKnown = true
    }

    /// Reads the value of `instances`.
    mutating func read(_ reader: inout JSONReader) throws(RequestError) {
        guard reader.byte == UInt8(ascii: "[") else {
            throw reader.wrongType([.array], found: try reader.kind())
        }
        // Columns have 32 bits; no weights are as wide as that.
        guard width <= Int(UInt32.max) else { throw tooManyFeatures }
        let count = try reader.array { row, reader throws(RequestError) in
            try readRow(row, &reader)
        }
        if count == 0 { throw .emptyInstances(.body(Self.pointer)) }
    }

    private mutating func readRow(
        _ row: Int, _ reader: inout JSONReader
    ) throws(RequestError) {
        guard row < limits.maxRows else {
            throw .tooManyRows(.body(Self.pointer), limit: limits.maxRows)
        }
        switch reader.byte {
        case UInt8(ascii: "["): try readDense(row, &reader)
        case UInt8(ascii: "{"):
            let room = limits.maxFeatureCount - dense.count - sparse.count
            rows.append(.sparse(try sparse.read(&reader, row: row, width: width, room, limits)))
        default: throw reader.wrongType([.array, .object], found: try reader.kind())
        }
    }

    private mutating func readDense(
        _ row: Int, _ reader: inout JSONReader
    ) throws(RequestError) {
        let start = dense.count
        let room = limits.maxFeatureCount - start - sparse.count
        if isWidthKnown, width > room { throw tooManyFeatures }
        let isWhole = try reader.floats(into: &dense, room: min(width, room))
        guard isWhole else {
            guard width <= room else { throw tooManyFeatures }
            throw .wrongWidth(
                instance: row, expected: width, found: reader.countElements(after: width))
        }
        let count = dense.count - start
        if isWidthKnown, count != width {
            throw .wrongWidth(instance: row, expected: width, found: .exactly(count))
        }
        rows.append(.dense(count))
    }

    private var tooManyFeatures: RequestError {
        .tooManyFeatures(.body(Self.pointer), limit: limits.maxFeatureCount)
    }

    /// All rows, once the width is known.
    consuming func finish() throws(RequestError) -> FeatureRows {
        var sparseCounts: [Int?] = []
        sparseCounts.reserveCapacity(rows.count)
        for (index, row) in rows.enumerated() {
            switch row {
            case .dense(let count):
                guard count == width else {
                    throw .wrongWidth(instance: index, expected: width, found: .exactly(count))
                }
                sparseCounts.append(nil)
            case .sparse(let row):
                guard row.largest.map({ Int($0.column) < width }) ?? true else {
                    throw .indexOutside(
                        instance: index, position: row.largest?.position ?? 0, width: width)
                }
                sparseCounts.append(row.count)
            }
        }
        return FeatureRows(
            width: width, dense: dense, columns: sparse.columns, values: sparse.values,
            sparseCounts: sparseCounts)
    }
}
