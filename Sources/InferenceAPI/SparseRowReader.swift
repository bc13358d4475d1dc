/// Scatters `{"indices": […], "values": […]}` into a row of zeros.
struct SparseRow {
    private static let keys = ["indices", "values"]

    private let width: Int
    /// One bit for each column, set while a row is read; all clear between rows.
    private var seen: [UInt64] = []
    /// The row's indices, in the document's order.
    private var indices: [Int] = []
    /// The row's values, beside the indices.
    private var values: [Float] = []

    init(width: Int) {
        self.width = width
    }

    /// Appends one row of `width` floats.
    mutating func append(
        _ object: JSONValue, row: Int, to output: inout OutputSpan<Float>
    ) throws(RequestError) {
        let members = try JSONObjectReader.members(
            of: object, keys: Self.keys, at: RowDecoder.pointer.appending(row))
        let indexArray = try Self.array(members[0], at: Self.pointer(row, Self.keys[0]))
        let valueArray = try Self.array(members[1], at: Self.pointer(row, Self.keys[1]))
        try readIndices(indexArray, row: row)
        try readValues(valueArray, row: row)
        let start = output.count
        output.append(repeating: 0, count: width)
        var floats = output.mutableSpan
        for (index, value) in zip(indices, values) { floats[start + index] = value }
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

    /// Ends before more than `width` indices are stored, because no index comes twice.
    private mutating func readIndices(_ array: JSONValue, row: Int) throws(RequestError) {
        if seen.isEmpty { seen = [UInt64](repeating: 0, count: width / 64 + 1) }
        for index in indices { seen[index / 64] = 0 }
        indices.removeAll(keepingCapacity: true)
        for element in array.elements {
            let position = indices.count
            switch element.unsignedInteger {
            case .wrongType(let kind):
                let pointer = Self.pointer(row, Self.keys[0]).appending(position)
                throw .wrongType(.body(pointer), expected: [.unsignedInteger], found: kind)
            case .outside: throw .indexOutside(instance: row, position: position, width: width)
            case .value(let value):
                guard value < UInt64(width) else {
                    throw .indexOutside(instance: row, position: position, width: width)
                }
                let index = Int(value)
                if !mark(index) {
                    throw .indexRepeated(instance: row, position: position, index: index)
                }
                indices.append(index)
            }
        }
    }

    /// False when the index is marked already.
    private mutating func mark(_ index: Int) -> Bool {
        let bit: UInt64 = 1 << UInt64(index % 64)
        if seen[index / 64] & bit != 0 { return false }
        seen[index / 64] |= bit
        return true
    }

    private mutating func readValues(_ array: JSONValue, row: Int) throws(RequestError) {
        var copy = FloatCopy.empty
        values = [Float](capacity: indices.count) { output in
            copy = array.appendFloats(room: indices.count, to: &output)
        }
        if copy.end == .complete, copy.count == indices.count { return }
        throw RowDecoder.fault(copy, in: array, at: Self.pointer(row, Self.keys[1]))
            ?? .sparseLengths(instance: row, indices: indices.count, values: array.elementCount)
    }
}
