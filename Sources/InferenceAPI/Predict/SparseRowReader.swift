/// A sparse row that was read.
struct SparseRow {
    /// Its numbers.
    let count: Int
    /// The largest of its indices, and where it stands; nil without any.
    let largest: (column: UInt32, position: Int)?
}

/// Reads rows of the form `{"indices": […], "values": […]}`, in memory of what they hold and in
/// time linear in it, times its logarithm where the indices do not ascend. The width costs nothing.
struct SparseRowReader {
    private static let keys = ["indices", "values"]

    /// The columns of all rows so far, one row after the other, ascending within a row.
    private(set) var columns: [UInt32] = []
    /// The numbers in those columns.
    private(set) var values: [Float] = []

    /// Numbers of all rows so far.
    var count: Int { values.count }

    /// Reads one row, whose opening brace is the next byte.
    ///
    /// - Parameters:
    ///   - reader: the text.
    ///   - row: the row's index, for errors.
    ///   - width: the bound of its indices.
    ///   - room: numbers that it may hold.
    ///   - limits: those of the request, for errors.
    mutating func read(
        _ reader: inout JSONReader, row: Int, width: Int, _ room: Int, _ limits: RequestLimits
    ) throws(RequestError) -> SparseRow {
        let start = values.count
        var reading = RowInProgress(
            row: row, width: width, room: room, limit: limits.maxFeatureCount, start: start)
        let isThere = try reader.object(keys: Self.keys) { key, reader throws(RequestError) in
            guard reader.byte == UInt8(ascii: "[") else {
                throw reader.wrongType([.array], found: try reader.kind())
            }
            if key == 0 {
                try reading.readColumns(&reader, into: &columns)
            } else {
                try reading.readValues(&reader, into: &values)
            }
        }
        for (key, isThere) in zip(Self.keys, isThere) where !isThere {
            throw .missingKey(.body(reader.pointer.appending(key)))
        }
        try reading.finish(&columns, &values)
        return SparseRow(count: values.count - start, largest: reading.largest)
    }
}

/// The row that is being read: its part of all columns and values begins at `start`.
private struct RowInProgress {
    let row, width, room, limit, start: Int
    private(set) var largest: (column: UInt32, position: Int)?
    private var isAscending = true
    private var indexCount: Int?
    private var valueCount: Int?

    init(row: Int, width: Int, room: Int, limit: Int, start: Int) {
        (self.row, self.width, self.room) = (row, width, room)
        (self.limit, self.start) = (limit, start)
    }

    /// Reads indices up to the first that is none, unless one before it comes twice.
    mutating func readColumns(
        _ reader: inout JSONReader, into columns: inout [UInt32]
    ) throws(RequestError) {
        do throws(RequestError) {
            _ = try reader.array { position, reader throws(RequestError) in
                let column = try readColumn(&reader, position)
                if let last = largest, column <= last.column {
                    isAscending = false
                    if column == last.column { throw repeated(column, at: position) }
                } else {
                    largest = (column, position)
                }
                columns.append(column)
            }
        } catch {
            try checkRepetition(columns)
            throw error
        }
        try checkRepetition(columns)
        indexCount = columns.count - start
        try checkCounts()
    }

    private func readColumn(
        _ reader: inout JSONReader, _ position: Int
    ) throws(RequestError) -> UInt32 {
        guard position < room else { throw tooManyFeatures }
        let outside = RequestError.indexOutside(instance: row, position: position, width: width)
        switch try reader.unsignedInteger() {
        case .wrongType(let kind): throw reader.wrongType([.unsignedInteger], found: kind)
        case .outside: throw outside
        case .value(let value):
            guard value < UInt64(width) else { throw outside }
            return UInt32(value)
        }
    }

    /// Throws for the first position at which an index comes again.
    private func checkRepetition(_ columns: [UInt32]) throws(RequestError) {
        if isAscending { return }
        let order = order(of: columns)
        let again = zip(order, order.dropFirst()).lazy.filter { $0 >> 32 == $1 >> 32 }
        if let position = again.map({ Self.position($1) }).min() {
            throw repeated(columns[start + position], at: position)
        }
    }

    /// The row's columns with their positions, ascending: the column in the upper half of 64 bits.
    private func order(of columns: [UInt32]) -> [UInt64] {
        var order = columns[start...].enumerated().map { UInt64($1) << 32 | UInt64($0) }
        order.sort()
        return order
    }

    private static func position(_ entry: UInt64) -> Int { Int(UInt32(truncatingIfNeeded: entry)) }

    private func repeated(_ column: UInt32, at position: Int) -> RequestError {
        .indexRepeated(instance: row, position: position, index: Int(column))
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

    /// Brings the row into the order of its columns.
    func finish(_ columns: inout [UInt32], _ values: inout [Float]) throws(RequestError) {
        if isAscending { return }
        let unsorted = Array(values[start...])
        for (place, entry) in order(of: columns).enumerated() {
            columns[start + place] = UInt32(entry >> 32)
            values[start + place] = unsorted[Self.position(entry)]
        }
    }
}
