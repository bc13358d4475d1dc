/// Names one admitted entry, for its cancellation. Never reused by the same queue.
@usableFromInline package struct Ticket: Sendable, Hashable {
    @usableFromInline let sequence: UInt64
    /// Where the entry waits. Used again by others later.
    @usableFromInline let slot: Int

    @inlinable init(sequence: UInt64, slot: Int) {
        self.sequence = sequence
        self.slot = slot
    }
}

/// What became of an entry at the door. Times are nanoseconds.
@usableFromInline package enum Admission: Sendable, Equatable {
    case admitted(Ticket)
    /// The entry does not fit beside the `waitingRows` already there, in the part of the queue that
    /// its client may use. `estimatedWait` is how long those are expected to take: the base of a
    /// `Retry-After`.
    case queueFull(waitingRows: Int, limit: Int, estimatedWait: UInt64)
    /// What would run before the entry is expected to take longer than the entry has.
    case deadlineOutOfReach(estimatedWait: UInt64)
    /// The deadline had passed on arrival.
    case expired
    /// The entry has no rows, or a negative number of them.
    case noRows
}
