/// Lines of the log that wait to be written. A value: it knows no file and no thread.
struct LogBuffer: Sendable {
    /// What a line tells of.
    enum Kind: Sendable {
        /// Something that happened to the process.
        case event
        /// A request: there may be a hundred thousand in a second.
        case access
    }

    /// Bytes that wait at most.
    static let byteLimit = 1 << 20
    /// The last of them are kept for events, which requests cannot crowd out.
    static let eventReserve = 64 << 10

    /// Complete lines, each with its end.
    private(set) var bytes: [UInt8] = []
    /// Lines that found no room.
    private(set) var droppedCount: UInt64 = 0

    /// Adds the line that `write` appends, with its end; leaves it out where there is no room.
    mutating func append(_ kind: Kind, _ write: (inout [UInt8]) -> Void) {
        let limit = kind == .event ? Self.byteLimit : Self.byteLimit - Self.eventReserve
        let start = bytes.count
        if start < limit { write(&bytes) }
        if start >= limit || bytes.count > limit {
            bytes.removeSubrange(start...)
            droppedCount += 1
        }
    }

    /// Gives the waiting bytes out and goes on in `empty`, whose room is used again.
    mutating func take(leaving empty: consuming [UInt8]) -> [UInt8] {
        empty.removeAll(keepingCapacity: true)
        swap(&bytes, &empty)
        return empty
    }

    /// Counts lines that were given out and could not be written.
    mutating func drop(_ lines: Int) { droppedCount += UInt64(lines) }
}
