/// Bytes to send, in order. Small writes are joined, so that the answers of a turn leave with one
/// system call; large ones stay as they are and are never copied.
struct WriteQueue {
    /// Size up to which writes are joined into one segment.
    private static let maxJoinedBytes = 64 * 1024
    /// Sent segments after which the array is moved up.
    private static let maxSentSegments = 32

    private var segments: [[UInt8]] = []
    /// The first segment not wholly sent, and the number of its bytes that are.
    private var head = 0
    private var offset = 0
    /// Bytes not yet sent.
    private(set) var count = 0

    mutating func append(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        count += bytes.count
        if let last = segments.indices.last,
            segments[last].count + bytes.count <= Self.maxJoinedBytes
        {
            segments[last].append(contentsOf: bytes)
        } else {
            segments.append(bytes)
        }
    }

    /// The segment to send next, and the offset to start from.
    var next: (segment: [UInt8], offset: Int)? {
        head < segments.count ? (segments[head], offset) : nil
    }

    /// Drops the next `sent` bytes of the segment that `next` returned.
    mutating func advance(_ sent: Int) {
        count -= sent
        offset += sent
        guard offset == segments[head].count else { return }
        segments[head] = []
        head += 1
        offset = 0
        if head == segments.count || head >= Self.maxSentSegments {
            segments.removeFirst(head)
            head = 0
        }
    }

    mutating func removeAll() { self = WriteQueue() }
}
