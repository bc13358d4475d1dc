internal import Synchronization

/// Bytes of requests and answers held by all connections, and their limit.
///
/// Over the limit, long bodies and long answers are refused; short requests may use a reserve of a
/// quarter of the limit.
final class HeldBytes: Sendable {
    /// Bytes of a body or an answer that is not long.
    static let short = 64 * 1024

    let limit: Int
    private let count = Atomic<Int>(0)

    init(limit: Int) { self.limit = limit }

    /// A connection holds more or fewer bytes than before.
    func change(by difference: Int) {
        if difference != 0 { count.add(difference, ordering: .relaxed) }
    }

    /// Whether the limit is exceeded.
    var isOver: Bool { count.load(ordering: .relaxed) > limit }

    /// Whether the reserve is used up as well; then no prediction is begun.
    var isFull: Bool { count.load(ordering: .relaxed) - limit > limit / 4 }

    /// Whether `bytes` more of an answer or an arriving body may be held.
    func hasRoom(for bytes: Int) -> Bool {
        bytes > Self.short ? !isOver : !isFull
    }
}
