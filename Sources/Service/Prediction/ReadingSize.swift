internal import Batching
internal import HTTPMessages

/// The bytes that a body may have without its coding, before it is read.
struct ReadingSize {
    /// Nanoseconds of a decoded byte before anything was read.
    static let startTime = 4.0
    /// Decoded bytes of a coded one at the most: deflate's highest ratio.
    static let maxRatio = 1032
    /// Bytes of memory that reading takes for a decoded one, at the most.
    static let memoryRatio = 4

    let isCoded: Bool
    let maxBytes: Int

    init(_ message: HTTPRequestMessage, maxBodyBytes: Int) {
        isCoded = ContentCoding(of: message.head.headers) != .identity
        let (bound, overflow) = message.body.count.multipliedReportingOverflow(by: Self.maxRatio)
        maxBytes = isCoded ? min(maxBodyBytes, overflow ? .max : bound) : message.body.count
    }

    /// The size for the queue. A coded body that might take longer than a quantum may as well take
    /// far less, so nothing is said of its time: no deadline is refused for what it might be.
    func entry(_ times: ByteTimes, quantum: UInt64) -> EntrySize {
        let time = times.nanoseconds(bytes: maxBytes)
        let (memory, overflow) = maxBytes.multipliedReportingOverflow(by: Self.memoryRatio)
        return EntrySize(
            rows: 1, expected: isCoded && time > quantum ? nil : time,
            bytes: overflow ? .max / 2 : memory)
    }
}
