import Synchronization

/// A number that one thread changes and any thread reads. Threads that count the same thing have
/// one each and share no cache line, so that counting costs no more than it would on a single
/// thread.
package final class OwnedCount: Sendable {
    private let count = Atomic<Int>(0)

    package init() {}

    /// Adds to the number. For its owner only, because the addition is not atomic.
    package func add(_ amount: Int) {
        count.store(count.load(ordering: .relaxed) &+ amount, ordering: .relaxed)
    }

    package var value: Int { count.load(ordering: .relaxed) }
}
