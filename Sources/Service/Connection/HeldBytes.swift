internal import Synchronization

/// Bytes of requests and answers held by all connections, and by the work for them off their loops,
/// and their limit.
///
/// Over the limit, long bodies and long answers are refused; short requests may use a reserve of a
/// quarter of the limit.
final class HeldBytes: Sendable {
    /// Bytes of a body or an answer that is not long.
    static let short = 64 * 1024

    let limit: Int
    private let count = Atomic<Int>(0)

    init(limit: Int) { self.limit = limit }

    /// Somebody holds more or fewer bytes than before.
    func change(by difference: Int) {
        if difference != 0 { count.add(difference, ordering: .relaxed) }
    }

    /// Bytes that are held now.
    var held: Int { count.load(ordering: .relaxed) }

    /// Whether the limit is exceeded.
    var isOver: Bool { held > limit }

    /// Whether the reserve is used up as well; then no prediction is begun.
    var isFull: Bool { held - limit > limit / 4 }

    /// Whether `bytes` more of an answer or an arriving body may be held.
    func hasRoom(for bytes: Int) -> Bool {
        bytes > Self.short ? !isOver : !isFull
    }
}
