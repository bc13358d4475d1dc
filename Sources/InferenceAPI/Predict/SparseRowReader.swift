/// Reads rows of the form `{"indices": […], "values": […]}`, in memory of what they hold and in
/// time linear in it, times its logarithm where the indices do not ascend. The width costs nothing.
struct SparseRowReader {
    private static let keys = ["indices", "values"]

    private let width: Int
    /// Numbers that all rows may hold together, and those of dense rows.
    private let limit, denseCount: Int
    /// The columns of all rows so far, one row after the other, ascending within a row.
    private(set) var columns: [UInt32] = []
    /// The numbers in those columns.
    private(set) var values: [Float] = []
    /// The row's indices, in the document's order.
    private var rowColumns: [UInt32] = []
    /// The row's values, beside the indices.
    private var rowValues: [Float] = []

    init(width: Int, limit: Int, denseCount: Int) {
        self.width = width
        (self.limit, self.denseCount) = (limit, denseCount)
    }

    /// Appends one row; the result is its number of columns.
    mutating func append(_ object: JSONValue, row: Int) throws(RequestError) -> Int {
        let members = try JSONObjectReader.members(
            of: object, keys: Self.keys, at: RowDecoder.pointer.appending(row))
        let indexArray = try Self.array(members[0], at: Self.pointer(row, Self.keys[0]))
        let valueArray = try Self.array(members[1], at: Self.pointer(row, Self.keys[1]))
        let fault = readColumns(
            indexArray, row: row, room: limit - denseCount - values.count)
        let order = try ascendingOrder(row: row)
        if let fault { throw fault }
        try readValues(valueArray, row: row)
        if let order {
            for position in order {
                columns.append(rowColumns[position])
                values.append(rowValues[position])
            }
        } else {
            columns.append(contentsOf: rowColumns)
            values.append(contentsOf: rowValues)
        }
        return rowColumns.count
    }

    /// Made for errors only: rows are many.
    private static func pointer(_ row: Int, _ key: String) -> JSONPointer {
        RowDecoder.pointer.appending(row).appending(key)
    }

    private static func array(
        _ value: JSONValue?, at pointer: @autoclosure () -> JSONPointer
    ) throws(RequestError) -> JSONValue {
        guard let value else { throw .missingKey(.body(pointer())) }
        let kind = value.kind
        if kind != .array { throw .wrongType(.body(pointer()), expected: [.array], found: kind) }
        return value
    }

    /// Reads indices up to the first that is none and tells what is wrong with that.
    private mutating func readColumns(_ array: JSONValue, row: Int, room: Int) -> RequestError? {
        rowColumns.removeAll(keepingCapacity: true)
        for element in array.elements {
            let position = rowColumns.count
            guard position < room else {
                return .tooManyFeatures(.body(RowDecoder.pointer), limit: limit)
            }
            switch element.unsignedInteger {
            case .wrongType(let kind):
                let pointer = Self.pointer(row, Self.keys[0]).appending(position)
                return .wrongType(.body(pointer), expected: [.unsignedInteger], found: kind)
            case .outside: return .indexOutside(instance: row, position: position, width: width)
            case .value(let value):
                guard value < UInt64(width) else {
                    return .indexOutside(instance: row, position: position, width: width)
                }
                rowColumns.append(UInt32(value))
            }
        }
        return nil
    }

    /// Positions of the row in the order of their indices; nil when they ascend already. Throws
    /// when an index comes twice, for the first position at which one does.
    private func ascendingOrder(row: Int) throws(RequestError) -> [Int]? {
        if zip(rowColumns, rowColumns.dropFirst()).allSatisfy({ $0 < $1 }) { return nil }
        let order = rowColumns.indices.sorted { (rowColumns[$0], $0) < (rowColumns[$1], $1) }
        let again = zip(order, order.dropFirst()).filter { rowColumns[$0] == rowColumns[$1] }
        if let position = again.map(\.1).min() {
            throw .indexRepeated(
                instance: row, position: position, index: Int(rowColumns[position]))
        }
        return order
    }

    private mutating func readValues(_ array: JSONValue, row: Int) throws(RequestError) {
        var copy = FloatCopy.empty
        rowValues = [Float](capacity: rowColumns.count) { output in
            copy = array.appendFloats(room: rowColumns.count, to: &output)
        }
        if copy.end == .complete, copy.count == rowColumns.count { return }
        throw RowDecoder.fault(copy, in: array, at: Self.pointer(row, Self.keys[1]))
            ?? .sparseLengths(instance: row, indices: rowColumns.count, values: array.elementCount)
    }
}
