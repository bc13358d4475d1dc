internal import Synchronization

/// How many bytes of requests and answers the connections of all loops hold, and how many they may.
final class HeldBytes: Sendable {
    let limit: Int
    private let count = Atomic<Int>(0)

    init(limit: Int) { self.limit = limit }

    /// A connection holds more or fewer bytes than before.
    func change(by difference: Int) {
        if difference != 0 { count.add(difference, ordering: .relaxed) }
    }

    /// Whether there are more than there may be; bodies that arrive are then refused.
    var isOver: Bool { count.load(ordering: .relaxed) > limit }
}
