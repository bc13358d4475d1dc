/// Log lines that wait to be written: a value without a file or a thread.
struct LogBuffer: Sendable {
    /// Kind of log line.
    enum Kind: Sendable {
        /// An event of the process.
        case event
        /// A request, of which there may be a hundred thousand a second.
        case access
    }

    /// Bytes of all waiting lines together.
    static let maxBytes = 1 << 20
    /// The part of `maxBytes` that only events may fill, so that requests cannot crowd them out.
    static let reservedEventBytes = 64 << 10

    /// Whole lines, each with its line end.
    private(set) var bytes: [UInt8] = []
    /// Lines that found no room or could not be written.
    private(set) var droppedCount: UInt64 = 0

    /// Adds the line that `write` appends, its line end included; drops it if there is no room.
    mutating func append(_ kind: Kind, _ write: (inout [UInt8]) -> Void) {
        let limit = kind == .event ? Self.maxBytes : Self.maxBytes - Self.reservedEventBytes
        let start = bytes.count
        if start < limit { write(&bytes) }
        if start >= limit || bytes.count > limit {
            bytes.removeSubrange(start...)
            droppedCount += 1
        }
    }

    /// Returns the waiting bytes, and continues with `empty`, whose capacity is reused.
    mutating func take(leaving empty: consuming [UInt8]) -> [UInt8] {
        empty.removeAll(keepingCapacity: true)
        swap(&bytes, &empty)
        return empty
    }

    /// Counts lines that were taken but could not be written.
    mutating func drop(_ lines: Int) { droppedCount += UInt64(lines) }
}
