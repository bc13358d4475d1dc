internal import CNumberText

extension JSONReader {
    /// Reads an array of numbers, each rounded to double and then to float, up to its end or until
    /// `room` of them were read and another element follows. True at its end. The next byte is the
    /// opening bracket. Errors name the element.
    mutating func floats(into floats: inout [Float], room: Int) throws(RequestError) -> Bool {
        offset += 1
        skipSpace()
        if byte == UInt8(ascii: "]") {
            offset += 1
            return true
        }
        return try moreFloats(into: &floats, room: room, from: 0)
    }

    /// The same for what follows elements of which `count` were read, the first of them next.
    mutating func moreFloats(
        into floats: inout [Float], room: Int, from count: Int
    ) throws(RequestError) -> Bool {
        var read = 0
        while true {
            let reading = readFloats(into: &floats, room: room - read)
            read += reading.count
            if reading.end == CNT_CLOSED { return true }
            if read == room, reading.end == CNT_FULL { return false }
            // An element that reaches into the next piece of the text, or is in error.
            if reading.end == CNT_STOPPED {
                skipSpace()
                if read == room, byte != nil { return false }
                path.append(.element(count + read))
                floats.append(try float())
                read += 1
                if try endElement() { return true }
            }
        }
    }

    private mutating func float() throws(RequestError) -> Float {
        guard let double = try double() else {
            throw wrongType([.number], found: try kind())
        }
        let float = Float(double)
        guard float.isFinite else { throw .notFinite(.body(pointer)) }
        return float
    }

    /// Reads what lies in the bytes at hand.
    private mutating func readFloats(into floats: inout [Float], room: Int) -> cnt_reading {
        unsafe readElements(into: &floats, room: room) { bytes, count, start, floats, room in
            unsafe cnt_read_floats(bytes, count, start, floats, room)
        }
    }

    /// Elements that are counted beyond those that are too many, so that a message can say how many
    /// there are.
    private static let countedElements = 1 << 16

    /// The number of elements of an array that has more than the `count` that were read; the next
    /// one follows.
    mutating func countElements(after count: Int) -> ElementCount {
        var rest: [Float] = []
        let isWhole = try? moreFloats(into: &rest, room: Self.countedElements, from: count)
        return isWhole == true ? .exactly(count + rest.count) : .moreThan(count)
    }
}
