/// Decides which waiting entries run together, and when. A value: it reads no clock, starts no
/// thread and calls nobody; every method takes the time and answers with what is to be done.
///
/// Times are monotonic nanoseconds. Batches form late, one at a time, of one key; keys take turns,
/// and within a key its clients, by rows (`FairQueue`), so that nobody's wait depends on how much
/// one other has asked for. Room is shared too: the last quarter of the queue is only for clients
/// that have nothing waiting, so that one that keeps the queue full shuts nobody out.
///
/// What every entry passes in this module is inlinable, so that the module that uses it gets code
/// for the types it has: the general code took a sixth of a small prediction's processor time.
@usableFromInline
package struct BatchQueue<
    Key: Hashable & Sendable, Client: Hashable & Sendable, Entry: Sendable
>: Sendable {
    @usableFromInline struct Running: Sendable {
        @usableFromInline let rows: Int
        @usableFromInline let start: UInt64

        @inlinable init(rows: Int, start: UInt64) {
            self.rows = rows
            self.start = start
        }
    }

    /// Turns that a batch has room for.
    @inlinable static var turnsPerBatch: Int { 8 }

    @usableFromInline package let limits: BatchLimits
    @usableFromInline var waiting: FairQueue<Key, Client, Entry>
    @usableFromInline var running: Running?
    @usableFromInline var estimate = RunTimeEstimate()
    @usableFromInline var nextSequence: UInt64 = 0
    /// Not later than any waiting entry's deadline: before it nothing can have expired.
    @usableFromInline var earliestDeadline = UInt64.max

    @inlinable package init(limits: BatchLimits) {
        self.limits = limits
        waiting = FairQueue(quantum: limits.maximumBatchRows / Self.turnsPerBatch)
    }

    /// Rows of all entries that wait.
    @inlinable package var waitingRows: Int { waiting.rows }
    /// Rows of the batch that runs, 0 between batches.
    @inlinable package var runningRows: Int { running?.rows ?? 0 }

    /// Takes an entry of a client in, or says why not. `deadline` is the first instant that is too
    /// late. O(1), amortised.
    @inlinable package mutating func admit(
        _ entry: Entry, key: Key, client: Client, rows: Int, deadline: UInt64, now: UInt64
    ) -> Admission {
        if let refusal = refusal(client, rows: rows, deadline: deadline, now: now) {
            return refusal
        }
        // Half of its time at most goes to waiting for company; the other half is for running.
        let hold = min(limits.maximumBatchDelay, (deadline - now) / 2)
        let slot = waiting.append(
            entry, key: key, client: client, rows: rows, deadline: deadline,
            heldUntil: now + hold, sequence: nextSequence)
        let ticket = Ticket(sequence: nextSequence, slot: slot)
        nextSequence += 1
        earliestDeadline = min(earliestDeadline, deadline)
        return .admitted(ticket)
    }

    @inlinable func refusal(
        _ client: Client, rows: Int, deadline: UInt64, now: UInt64
    ) -> Admission? {
        if rows < 1 { return .noRows }
        if deadline <= now { return .expired }
        let own = waiting.rows(of: client)
        let limit = own > 0 ? limits.sharedQueueRows : limits.maximumQueueRows
        if rows > limit - waitingRows {
            return .queueFull(
                waitingRows: waitingRows, limit: limit, estimatedWait: estimatedWait(now: now))
        }
        let wait = estimatedWait(rows: rowsAhead(own: own, rows: rows), now: now)
        return wait > deadline - now ? .deadlineOutOfReach(estimatedWait: wait) : nil
    }

    /// Rows that may run before `rows` of a client that has `own` waiting already: its own, and of
    /// each other client about as many as of its own until then, a batch more at most. What waits
    /// beyond that does not stand in its way.
    @inlinable func rowsAhead(own: Int, rows: Int) -> Int {
        let others = waiting.clientCount - (own > 0 ? 1 : 0)
        let (share, overflow) = (own + rows + limits.maximumBatchRows)
            .multipliedReportingOverflow(by: others)
        return overflow ? waitingRows : min(waitingRows, own + min(waitingRows, share))
    }

    /// Nanoseconds until what waits and runs now is expected to be done; 0 before anything ran.
    @inlinable package func estimatedWait(now: UInt64) -> UInt64 {
        estimatedWait(rows: waitingRows, now: now)
    }

    @inlinable func estimatedWait(rows: Int, now: UInt64) -> UInt64 {
        let (sum, overflow) = estimate.nanoseconds(forRows: rows)
            .addingReportingOverflow(runningRemainder(now: now))
        return overflow ? .max : sum
    }

    @inlinable func runningRemainder(now: UInt64) -> UInt64 {
        guard let running else { return 0 }
        let expected = estimate.nanoseconds(forRows: running.rows)
        let elapsed = now > running.start ? now - running.start : 0
        return expected > elapsed ? expected - elapsed : 0
    }

    /// What to do at `now`. Entries that are too late always come out first.
    /// Cost: O(rows taken) for a batch, O(waiting) when a deadline may have passed.
    @inlinable package mutating func next(now: UInt64) -> BatchAction<Key, Entry> {
        let late = removeExpired(now: now)
        if !late.isEmpty { return .expired(late) }
        if running != nil { return .busy }
        guard waiting.count > 0 else { return .idle }
        if let instant = holdEnd(), instant > now { return .wait(until: instant) }
        let batch = waiting.takeBatch(maximumRows: limits.maximumBatchRows)
        running = batch.map { Running(rows: $0.rows, start: now) }
        return batch.map(BatchAction.run) ?? .idle
    }

    /// The batch that `next` gave out has run.
    @inlinable package mutating func finish(now: UInt64) {
        guard let running else { return }
        let elapsed = now > running.start ? now - running.start : 0
        estimate.record(rows: running.rows, nanoseconds: elapsed)
        self.running = nil
    }

    /// Takes an entry out again if it still waits: O(1). Nil when it has been handed out already,
    /// in a batch or as expired.
    @inlinable package mutating func cancel(_ ticket: Ticket) -> Entry? {
        guard waiting.holds(ticket) else { return nil }
        return waiting.remove(ticket.slot)
    }
}

extension BatchQueue {
    /// When the first waiting entry has been held back long enough; nil when nothing is held back:
    /// without a delay, or with a batch's worth of rows waiting. O(maximumBatchRows).
    @inlinable func holdEnd() -> UInt64? {
        if limits.maximumBatchDelay == 0 { return nil }
        if waitingRows >= limits.maximumBatchRows { return nil }
        return waiting.slots.lazy.map { waiting[$0].heldUntil }.min()
    }

    /// In order of admission.
    @inlinable mutating func removeExpired(now: UInt64) -> [Entry] {
        guard now >= earliestDeadline else { return [] }
        var late: [Entry] = []
        earliestDeadline = .max
        for slot in waiting.slots {
            let deadline = waiting[slot].deadline
            if deadline > now {
                earliestDeadline = min(earliestDeadline, deadline)
            } else if let entry = waiting.remove(slot) {
                late.append(entry)
            }
        }
        return late
    }
}
