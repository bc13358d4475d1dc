import Batching

/// A prediction as its connection's owner knows it.
struct PendingJob {
    let ticket: Ticket
    let name: UInt64
}
