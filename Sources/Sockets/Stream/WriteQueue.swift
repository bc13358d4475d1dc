/// Bytes on their way out, in order. Small writes are joined, so that answers given in one turn
/// leave with one system call; large ones are kept whole and never copied.
struct WriteQueue {
    /// Up to this size, writes are joined into one segment.
    private static let joinedBytes = 64 * 1024
    /// Sent segments that are kept before the array is moved up.
    private static let sentSegments = 32

    private var segments: [[UInt8]] = []
    /// The first segment not wholly sent, and how much of it is.
    private var head = 0
    private var offset = 0
    /// Bytes not yet sent.
    private(set) var count = 0

    mutating func append(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        count += bytes.count
        if let last = segments.indices.last, segments[last].count + bytes.count <= Self.joinedBytes
        {
            segments[last].append(contentsOf: bytes)
        } else {
            segments.append(bytes)
        }
    }

    /// The segment to send next and where to start in it.
    var next: (segment: [UInt8], offset: Int)? {
        head < segments.count ? (segments[head], offset) : nil
    }

    /// Drops the next `sent` bytes of the segment `next` named.
    mutating func advance(_ sent: Int) {
        count -= sent
        offset += sent
        guard offset == segments[head].count else { return }
        segments[head] = []
        head += 1
        offset = 0
        if head == segments.count || head >= Self.sentSegments {
            segments.removeFirst(head)
            head = 0
        }
    }

    mutating func removeAll() { self = WriteQueue() }
}
