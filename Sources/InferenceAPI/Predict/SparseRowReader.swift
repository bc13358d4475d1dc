/// A sparse row that was read.
struct SparseRow {
    /// Its numbers.
    let count: Int
    /// The largest of its indices, and where it stands; nil without any.
    let largest: (column: UInt32, position: Int)?
}

/// Reads rows of the form `{"indices": […], "values": […]}`, in memory of what they hold and in
/// time linear in it. The width costs nothing.
struct SparseRowReader {
    private static let keys = ["indices", "values"]

    /// The columns of all rows so far, one row after the other, ascending within a row.
    private(set) var columns: [UInt32] = []
    /// The numbers in those columns.
    private(set) var values: [Float] = []

    /// That of the columns of the row that is read.
    private var order = ColumnOrder()

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
        var reading = SparseRowInProgress(
            row: row, width: width, room: room, limit: limits.maxFeatureCount, start: start)
        let seen = try reader.object(keys: Self.keys) { key, reader throws(RequestError) in
            guard reader.byte == UInt8(ascii: "[") else {
                throw reader.wrongType([.array], found: try reader.kind())
            }
            if key == 0 {
                try reading.readColumns(&reader, into: &columns, &order)
            } else {
                try reading.readValues(&reader, into: &values)
            }
        }
        for (index, key) in Self.keys.enumerated() where !seen.contains(index) {
            throw .missingKey(.body(reader.pointer.appending(key)))
        }
        order.apply(&columns, &values, from: start)
        return SparseRow(count: values.count - start, largest: reading.largest)
    }
}
