internal import Synchronization

/// How many bytes of requests and answers the connections of all loops hold, and how many they may.
///
/// Over the limit, long bodies that arrive and long answers are refused, which is what fills it:
/// whoever asks for little is still served. For that there is a reserve of another quarter.
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

    /// Whether there are more than there may be.
    var isOver: Bool { count.load(ordering: .relaxed) > limit }

    /// Whether the reserve is used up as well; then no prediction is begun.
    var isFull: Bool { count.load(ordering: .relaxed) - limit > limit / 4 }

    /// Whether an answer of so many bytes may be kept until its client takes it, or so many of a
    /// body until the rest comes.
    func hasRoom(for bytes: Int) -> Bool {
        bytes > Self.short ? !isOver : !isFull
    }
}
