/// The name of an admitted entry, for its cancellation. A queue never uses one again.
package struct Ticket: Sendable, Hashable {
    let sequence: UInt64
    /// The entry's place in the queue, which later entries use again.
    let slot: Int

    init(sequence: UInt64, slot: Int) {
        self.sequence = sequence
        self.slot = slot
    }
}

/// The result of submitting an entry. Times are nanoseconds.
package enum Admission: Sendable, Equatable {
    case admitted(Ticket)
    /// The entry does not fit beside the `waitingRows` into the part of the queue that its client
    /// may use. `estimatedWait` is how long those rows are expected to take: the base of a
    /// `Retry-After`.
    case queueFull(waitingRows: Int, limit: Int, estimatedWait: UInt64)
    /// The rows ahead of the entry are expected to take longer than its deadline allows.
    case deadlineOutOfReach(estimatedWait: UInt64)
    /// The deadline had passed before the entry was submitted.
    case expired
    /// The entry's number of rows is zero or negative.
    case noRows
}
