/// Decides which waiting entries run together, and when. A value that reads no clock, starts no
/// thread and makes no calls: every method takes the time and returns what is to be done.
///
/// Times are monotonic nanoseconds. Batches form late, one at a time, each of one key. Keys take
/// turns, and so do the clients within a key, by rows (`FairQueue`): no client's wait depends on
/// how much another one has asked for. Room is shared too: the last quarter of the queue is
/// reserved for clients with nothing waiting, so that a client that keeps the queue full locks
/// nobody out.
///
/// Everything on an entry's way through this module is inlinable, so that the importing module gets
/// code specialised for its types. The compiler does not do that by itself: without the annotations
/// a request of `digits-mhs` over one of 64 connections took 20.6 µs of processor time and not
/// 18.1 (medians of five turns), and `-cross-module-optimization` gave the same program, because it
/// exports no code of `package` and internal declarations. The option that would, `-package-cmo`,
/// needs library evolution, with which SwiftPM does not build the module.
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

    /// Clients' turns that fit into a batch.
    @inlinable static var turnsPerBatch: Int { 8 }

    @usableFromInline package let limits: BatchLimits
    @usableFromInline var waiting: FairQueue<Key, Client, Entry>
    @usableFromInline var running: Running?
    @usableFromInline var estimate = RunTimeEstimate()
    @usableFromInline var nextSequence: UInt64 = 0
    /// A lower bound of all waiting entries' deadlines: before it nothing can have expired.
    @usableFromInline var earliestDeadline = UInt64.max

    @inlinable package init(limits: BatchLimits) {
        self.limits = limits
        waiting = FairQueue(quantum: limits.maxBatchRows / Self.turnsPerBatch)
    }

    /// Rows of all waiting entries.
    @inlinable package var waitingRows: Int { waiting.rows }
    /// Rows of the running batch; 0 between batches.
    @inlinable package var runningRows: Int { running?.rows ?? 0 }

    /// Admits a client's entry, or returns why not. `deadline` is the first instant that is too
    /// late. O(1), amortised.
    @inlinable package mutating func admit(
        _ entry: Entry, key: Key, client: Client, rows: Int, deadline: UInt64, now: UInt64
    ) -> Admission {
        if let refusal = refusal(client, rows: rows, deadline: deadline, now: now) {
            return refusal
        }
        // At most half of its time is spent waiting for others; the other half is for running.
        let hold = min(limits.maxBatchDelay, (deadline - now) / 2)
        let slot = waiting.append(
            entry, key: key, client: client, rows: rows, deadline: deadline,
            heldUntil: now + hold, sequence: nextSequence)
        let ticket = Ticket(sequence: nextSequence, slot: slot)
        nextSequence += 1
        earliestDeadline = min(earliestDeadline, deadline)
        return .admitted(ticket)
    }

    /// The refusal of an entry that cannot be admitted; nil if it can.
    @inlinable func refusal(
        _ client: Client, rows: Int, deadline: UInt64, now: UInt64
    ) -> Admission? {
        if rows < 1 { return .noRows }
        if deadline <= now { return .expired }
        let own = waiting.rows(of: client)
        let limit = own > 0 ? limits.sharedQueueRows : limits.maxQueueRows
        if rows > limit - waitingRows {
            return .queueFull(
                waitingRows: waitingRows, limit: limit, estimatedWait: estimatedWait(now: now))
        }
        let wait = estimatedWait(rows: rowsAhead(own: own, rows: rows), now: now)
        return wait > deadline - now ? .deadlineOutOfReach(estimatedWait: wait) : nil
    }

    /// Rows that may run before `rows` of a client that has `own` rows waiting already: its own,
    /// and until then about as many of each other client, at most a batch more. The rest of the
    /// queue does not delay it.
    @inlinable func rowsAhead(own: Int, rows: Int) -> Int {
        let others = waiting.clientCount - (own > 0 ? 1 : 0)
        let (share, overflow) = (own + rows + limits.maxBatchRows)
            .multipliedReportingOverflow(by: others)
        return overflow ? waitingRows : min(waitingRows, own + min(waitingRows, share))
    }

    /// Expected nanoseconds until all that waits and runs now is done; 0 before the first batch.
    @inlinable package func estimatedWait(now: UInt64) -> UInt64 {
        estimatedWait(rows: waitingRows, now: now)
    }

    /// The same for `rows` and the running batch.
    @inlinable func estimatedWait(rows: Int, now: UInt64) -> UInt64 {
        let (sum, overflow) = estimate.nanoseconds(forRows: rows)
            .addingReportingOverflow(runningRemainder(now: now))
        return overflow ? .max : sum
    }

    /// Expected nanoseconds until the running batch is done.
    @inlinable func runningRemainder(now: UInt64) -> UInt64 {
        guard let running else { return 0 }
        let expected = estimate.nanoseconds(forRows: running.rows)
        let elapsed = now > running.start ? now - running.start : 0
        return expected > elapsed ? expected - elapsed : 0
    }

    /// The action that is due at `now`; expired entries come first.
    /// Cost: O(rows taken) for a batch, O(waiting) when a deadline may have passed.
    @inlinable package mutating func next(now: UInt64) -> BatchAction<Key, Entry> {
        let late = removeExpired(now: now)
        if !late.isEmpty { return .expired(late) }
        if running != nil { return .busy }
        guard waiting.count > 0 else { return .idle }
        if let instant = holdEnd(), instant > now { return .wait(until: instant) }
        let batch = waiting.takeBatch(maxRows: limits.maxBatchRows)
        running = batch.map { Running(rows: $0.rows, start: now) }
        return batch.map(BatchAction.run) ?? .idle
    }

    /// Ends the batch that `next` returned.
    @inlinable package mutating func finish(now: UInt64) {
        guard let running else { return }
        let elapsed = now > running.start ? now - running.start : 0
        estimate.record(rows: running.rows, nanoseconds: elapsed)
        self.running = nil
    }

    /// Removes and returns an entry that still waits; nil if it was returned already, in a batch or
    /// as expired. O(1).
    @inlinable package mutating func cancel(_ ticket: Ticket) -> Entry? {
        guard waiting.holds(ticket) else { return nil }
        return waiting.remove(ticket.slot)
    }
}

extension BatchQueue {
    /// The end of the first waiting entry's delay; nil if nothing is delayed, because there is no
    /// delay or a batch's worth of rows waits. O(maxBatchRows).
    @inlinable func holdEnd() -> UInt64? {
        if limits.maxBatchDelay == 0 { return nil }
        if waitingRows >= limits.maxBatchRows { return nil }
        return waiting.slots.lazy.map { waiting[$0].heldUntil }.min()
    }

    /// Removes and returns the expired entries, in order of admission.
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
