internal import Synchronization

/// A row of the batch, for one thread at a time.
final class LockedRow: Sendable {
    let index: Int
    let state = Mutex(CascadeRow())

    init(index: Int) { self.index = index }
}
