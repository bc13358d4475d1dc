import Batching

/// A prediction as its connection's owner knows it.
final class PendingJob {
    let ticket: Ticket
    let name: UInt64

    init(ticket: Ticket, name: UInt64) {
        self.ticket = ticket
        self.name = name
    }
}
