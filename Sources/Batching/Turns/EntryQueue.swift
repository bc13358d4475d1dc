/// A `TurnQueue` and the entries themselves, of whatever type: what is to be done comes with them.
package struct EntryQueue<Entry: Sendable>: Sendable {
    var turns: TurnQueue
    /// Entries that wait, by the slots of their tickets; nil where none does.
    private var entries: [Entry?] = []

    package init(limits: TurnLimits) {
        turns = TurnQueue(limits: limits)
    }

    package var limits: TurnLimits { turns.limits }

    /// Rows of all waiting entries.
    package var waitingRows: Int { turns.waitingRows }

    /// Rows of the slice under way; 0 between slices.
    package var runningRows: Int { turns.runningRows }

    /// Batches in progress, suspended ones included.
    package var runCount: Int { turns.runCount }

    /// Whether a client that goes first waits behind the slice under way.
    package var isOvertaken: Bool { turns.isOvertaken }

    /// Admits a client's entry, or returns why not. `deadline` is the first instant that is too
    /// late. O(1), amortised.
    package mutating func admit(
        _ entry: Entry, key: Int, client: ClientID, size: EntrySize, deadline: UInt64, now: UInt64
    ) -> Admission {
        let admission = turns.admit(
            key: key, client: client, size: size, deadline: deadline, now: now)
        guard case .admitted(let ticket) = admission else { return admission }
        while entries.count <= ticket.slot { entries.append(nil) }
        entries[ticket.slot] = entry
        return admission
    }

    /// Removes and returns an entry that still waits; nil if it was returned already, in a batch or
    /// as expired. O(1).
    package mutating func cancel(_ ticket: Ticket) -> Entry? {
        turns.cancel(ticket) ? take(ticket.slot) : nil
    }

    /// The action that is due at `now`; expired entries come first.
    /// Cost: O(entries taken) for a batch, O(waiting) when a deadline may have passed.
    package mutating func next(now: UInt64) -> TurnAction<Entry> {
        switch turns.next(now: now) {
        case .expired(let slots): .expired(slots.compactMap { take($0) })
        case .start(let id, let batch, let slice):
            .start(
                id,
                Batch(
                    key: batch.key, entries: batch.entries.compactMap { take($0) },
                    rows: batch.rows), slice: slice)
        case .resume(let id, let slice): .resume(id, slice: slice)
        case .wait(let instant): .wait(until: instant)
        case .busy: .busy
        case .idle: .idle
        }
    }

    /// Ends the slice that `next` began, and charges its clients.
    package mutating func endSlice(_ id: RunID, elapsed: UInt64, isFinished: Bool) {
        turns.endSlice(id, elapsed: elapsed, isFinished: isFinished)
    }

    private mutating func take(_ slot: Int) -> Entry? {
        defer { entries[slot] = nil }
        return entries[slot]
    }
}
