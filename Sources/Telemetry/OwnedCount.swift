import Synchronization

/// A number that one thread changes and any thread reads. Threads that count the same thing each
/// have one of their own and no cache line in common use, so that counting costs no more than it
/// would without other threads.
package final class OwnedCount: Sendable {
    private let count = Atomic<Int>(0)

    package init() {}

    /// Only its owner may call this: it is no atomic addition.
    package func add(_ amount: Int) {
        count.store(count.load(ordering: .relaxed) &+ amount, ordering: .relaxed)
    }

    package var value: Int { count.load(ordering: .relaxed) }
}
