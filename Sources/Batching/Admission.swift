/// Names one admitted entry, for its cancellation. Never reused by the same queue.
package struct Ticket: Sendable, Hashable {
    let sequence: UInt64
}

/// What became of an entry at the door. Times are nanoseconds.
package enum Admission: Sendable, Equatable {
    case admitted(Ticket)
    /// The entry does not fit beside the `waitingRows` already there. `estimatedWait` is how long
    /// those are expected to take: the base of a `Retry-After`.
    case queueFull(waitingRows: Int, limit: Int, estimatedWait: UInt64)
    /// What waits already is expected to take longer than the entry has.
    case deadlineOutOfReach(estimatedWait: UInt64)
    /// The deadline had passed on arrival.
    case expired
    /// The entry has no rows, or a negative number of them.
    case noRows
    /// The queue only finishes what it holds.
    case draining
}
