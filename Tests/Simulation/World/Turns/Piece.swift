import Batching

/// An entry of the queue, with what only the head that computes it knows.
struct Piece: Sendable {
    let name: UInt64
    let client: Int
    let key: Int
    /// Its size, as the queue is told; what is expected may be far from what it costs.
    let size: EntrySize
    /// The first instant that is too late.
    let deadline: UInt64
    let admission: UInt64
    /// Nanoseconds that computing it takes.
    let cost: UInt64
    /// The most nanoseconds between two places where its computation can be stopped.
    let block: UInt64
}
