internal import CNumberText

extension JSONReader {
    /// Reads an array of unsigned integers. The next byte is the opening bracket.
    ///
    /// - Parameters:
    ///   - indices: receives them, up to the first that `element` throws for.
    ///   - room: indices that are read without asking `element`.
    ///   - bound: the first integer that is too large for that.
    ///   - element: reads any other element, given its position.
    mutating func indices(
        into indices: inout [UInt32], room: Int, bound: UInt32,
        _ element: (Int, inout JSONReader) throws(RequestError) -> UInt32
    ) throws(RequestError) {
        offset += 1
        skipSpace()
        if byte == UInt8(ascii: "]") {
            offset += 1
            return
        }
        let start = indices.count
        while true {
            let left = room - (indices.count - start)
            if readIndices(into: &indices, room: left, bound: bound) { return }
            // One that reaches into the next piece of the text, or is in error.
            skipSpace()
            let position = indices.count - start
            path.append(.element(position))
            indices.append(try element(position, &self))
            if try endElement() { return }
            skipSpace()
        }
    }

    /// Reads what lies in the bytes at hand; true at the array's end.
    private mutating func readIndices(
        into indices: inout [UInt32], room: Int, bound: UInt32
    ) -> Bool {
        let reading = unsafe readElements(into: &indices, room: room) {
            bytes, count, start, indices, room in
            unsafe cnt_read_indices(bytes, count, start, indices, room, bound)
        }
        return reading.end == CNT_CLOSED
    }
}
