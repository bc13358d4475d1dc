/// The sparse row that is being read: its part of all columns and values begins at `start`.
struct SparseRowInProgress {
    private let row, width, room, limit, start: Int
    /// The largest index and its position; nil without any.
    private(set) var largest: (column: UInt32, position: Int)?
    private var indexCount: Int?
    private var valueCount: Int?

    /// - Parameters:
    ///   - row: the row's index, for errors.
    ///   - width: the bound of its indices.
    ///   - room: numbers that it may hold.
    ///   - limit: those that all rows may hold, for errors.
    ///   - start: numbers of the rows before it.
    init(row: Int, width: Int, room: Int, limit: Int, start: Int) {
        (self.row, self.width, self.room) = (row, width, room)
        (self.limit, self.start) = (limit, start)
    }

    /// Reads indices up to the first that is none, unless one before it comes twice.
    mutating func readColumns(
        _ reader: inout JSONReader, into columns: inout [UInt32], _ order: inout ColumnOrder
    ) throws(RequestError) {
        do throws(RequestError) {
            try reader.indices(
                into: &columns, room: min(width, room), bound: UInt32(clamping: width)
            ) { position, reader throws(RequestError) in try readColumn(&reader, position) }
        } catch {
            try findOrder(of: columns, &order)
            throw error
        }
        try findOrder(of: columns, &order)
        indexCount = columns.count - start
        try checkCounts()
    }

    private func readColumn(
        _ reader: inout JSONReader, _ position: Int
    ) throws(RequestError) -> UInt32 {
        // Of more indices than there are columns one has come twice, which is found then.
        guard position < room, position <= width else { throw tooManyFeatures }
        let outside = RequestError.indexOutside(instance: row, position: position, width: width)
        switch try reader.unsignedInteger() {
        case .wrongType(let kind): throw reader.wrongType([.unsignedInteger], found: kind)
        case .outside: throw outside
        case .value(let value):
            guard value < UInt64(width) else { throw outside }
            return UInt32(value)
        }
    }

    /// Throws for the first position at which a column comes again.
    private mutating func findOrder(
        of columns: [UInt32], _ order: inout ColumnOrder
    ) throws(RequestError) {
        order.find(columns, from: start)
        largest = order.largest
        if let position = order.firstRepetition {
            throw .indexRepeated(
                instance: row, position: position, index: Int(columns[start + position]))
        }
    }

    private var tooManyFeatures: RequestError {
        .tooManyFeatures(.body(RowReader.pointer), limit: limit)
    }

    mutating func readValues(
        _ reader: inout JSONReader, into values: inout [Float]
    ) throws(RequestError) {
        let most = indexCount ?? min(width, room)
        guard try reader.floats(into: &values, room: most) else {
            if let indexCount {
                throw .sparseLengths(
                    instance: row, indices: indexCount,
                    values: reader.countElements(after: indexCount))
            }
            if width > room { throw tooManyFeatures }
            throw .wrongWidth(
                instance: row, expected: width, found: reader.countElements(after: width))
        }
        valueCount = values.count - start
        try checkCounts()
    }

    /// Compares the counts, once both are known.
    private func checkCounts() throws(RequestError) {
        guard let indexCount, let valueCount, indexCount != valueCount else { return }
        throw .sparseLengths(instance: row, indices: indexCount, values: .exactly(valueCount))
    }
}
