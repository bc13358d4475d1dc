internal import Synchronization

/// A row of the batch, which one thread at a time works at.
final class LockedRow: Sendable {
    let index: Int
    let state = Mutex(CascadeRow())

    init(index: Int) { self.index = index }
}
