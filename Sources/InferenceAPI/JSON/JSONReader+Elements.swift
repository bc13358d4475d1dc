internal import CNumberText

extension JSONReader {
    /// Elements of an array that are read at a time.
    static let chunk = 4096

    /// Appends elements that lie in the bytes at hand, `chunk` of them at most, and moves behind
    /// them. `read` is given those bytes, their number and the place of the first, and has room for
    /// as many elements as its last argument says.
    mutating func readElements<Element>(
        into elements: inout [Element], room: Int,
        _ read: (UnsafePointer<UInt8>, Int, Int, UnsafeMutablePointer<Element>, Int) -> cnt_reading
    ) -> cnt_reading {
        let start = offset
        // A number takes two bytes at least.
        let room = max(0, min(room, Self.chunk, (bytes.count - start) / 2 + 1))
        makeRoom(for: room, in: &elements)
        var reading = cnt_reading(offset: start, count: 0, end: CNT_STOPPED)
        elements.append(addingCapacity: room) { output in
            unsafe bytes.withUnsafeBufferPointer { bytes in
                unsafe output.withUnsafeMutableBufferPointer { free, initialized in
                    guard let base = bytes.baseAddress, let target = free.baseAddress else {
                        return
                    }
                    reading = unsafe read(base, bytes.count, start, target + initialized, room)
                    initialized += reading.count
                }
            }
        }
        offset = reading.offset
        return reading
    }

    /// Elements up to which room is doubled.
    private static let doubledCount = 1 << 20

    /// Makes room for more elements. Short arrays grow by doubling; a long one has at once the room
    /// that all the rest of the text may need, since memory that nothing is written to costs
    /// nothing, and a copy would hold twice as much for a while.
    private func makeRoom<Element>(for count: Int, in elements: inout [Element]) {
        let needed = elements.count + count
        guard elements.capacity < needed else { return }
        let isLong = needed > Self.doubledCount
        let more = isLong ? maxRemainingBytes / 2 + 1 : elements.count
        elements.reserveCapacity(max(needed, elements.count + more))
        guard isLong else { return }
        let byteCount = elements.capacity * MemoryLayout<Element>.stride
        unsafe elements.withUnsafeMutableBytes { memory in
            guard let start = memory.baseAddress else { return }
            unsafe LargePages.ask(for: start, byteCount: byteCount)
        }
    }

    /// Steps behind what follows an element that was read by itself; true at the array's end.
    mutating func endElement() throws(RequestError) -> Bool {
        skipSpace()
        let next = byte
        guard next == UInt8(ascii: ",") || next == UInt8(ascii: "]") else {
            throw containerFault(.commaOrBracket)
        }
        path.removeLast()
        offset += 1
        return next == UInt8(ascii: "]")
    }
}
