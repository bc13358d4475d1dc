import DequeModule

/// Decides which waiting entries run together, and when. A value: it reads no clock, starts no
/// thread and calls nobody; every method takes the time and answers with what is to be done.
///
/// Times are monotonic nanoseconds. Batches form late, one at a time: the entry that has waited
/// longest picks the key, and entries of that key join it in order of arrival until the next one
/// would pass `maximumBatchRows`. As the oldest entry always goes first, each key gets its turn
/// whatever arrives behind it.
package struct BatchQueue<Key: Hashable & Sendable, Entry: Sendable>: Sendable {
    struct Waiting: Sendable {
        let ticket: Ticket
        let key: Key
        let rows: Int
        let deadline: UInt64
        /// When it stops being held back for company.
        let heldUntil: UInt64
        let entry: Entry
    }

    struct Running: Sendable {
        let rows: Int
        let start: UInt64
    }

    package let limits: BatchLimits
    /// Rows of all entries that wait.
    package private(set) var waitingRows = 0
    package private(set) var isDraining = false
    /// In order of admission, so sorted by ticket.
    var waiting: Deque<Waiting> = []
    private(set) var running: Running?
    private var estimate = RunTimeEstimate()
    private var nextSequence: UInt64 = 0
    /// Not later than any waiting entry's deadline: before it nothing can have expired.
    private var earliestDeadline = UInt64.max

    package init(limits: BatchLimits) {
        self.limits = limits
    }

    package var waitingEntries: Int { waiting.count }
    /// Rows of the batch that runs, 0 between batches.
    package var runningRows: Int { running?.rows ?? 0 }
    /// A drain was asked for, and nothing waits or runs any more.
    package var isDrained: Bool { isDraining && waiting.isEmpty && running == nil }

    /// Takes an entry in, or says why not. `deadline` is the first instant that is too late.
    /// O(1), amortised.
    package mutating func admit(
        _ entry: Entry, key: Key, rows: Int, deadline: UInt64, now: UInt64
    ) -> Admission {
        if let refusal = refusal(rows: rows, deadline: deadline, now: now) { return refusal }
        let ticket = Ticket(sequence: nextSequence)
        nextSequence += 1
        // Half of its time at most goes to waiting for company; the other half is for running.
        let hold = min(limits.maximumBatchDelay, (deadline - now) / 2)
        waiting.append(
            Waiting(
                ticket: ticket, key: key, rows: rows, deadline: deadline, heldUntil: now + hold,
                entry: entry))
        waitingRows += rows
        earliestDeadline = min(earliestDeadline, deadline)
        return .admitted(ticket)
    }

    private func refusal(rows: Int, deadline: UInt64, now: UInt64) -> Admission? {
        if isDraining { return .draining }
        if rows < 1 { return .noRows }
        if deadline <= now { return .expired }
        let wait = estimatedWait(now: now)
        if rows > limits.maximumQueueRows - waitingRows {
            return .queueFull(
                waitingRows: waitingRows, limit: limits.maximumQueueRows, estimatedWait: wait)
        }
        return wait > deadline - now ? .deadlineOutOfReach(estimatedWait: wait) : nil
    }

    /// Nanoseconds until what waits and runs now is expected to be done; 0 before anything ran.
    package func estimatedWait(now: UInt64) -> UInt64 {
        let (sum, overflow) = estimate.nanoseconds(forRows: waitingRows)
            .addingReportingOverflow(runningRemainder(now: now))
        return overflow ? .max : sum
    }

    private func runningRemainder(now: UInt64) -> UInt64 {
        guard let running else { return 0 }
        let expected = estimate.nanoseconds(forRows: running.rows)
        let elapsed = now > running.start ? now - running.start : 0
        return expected > elapsed ? expected - elapsed : 0
    }

    /// What to do at `now`. Entries that are too late always come out first.
    /// Cost: O(entries passed over) for a batch, O(waiting) when a deadline may have passed.
    package mutating func next(now: UInt64) -> BatchAction<Key, Entry> {
        let late = removeExpired(now: now)
        if !late.isEmpty { return .expired(late) }
        if running != nil { return .busy }
        guard !waiting.isEmpty else { return .idle }
        if let instant = holdEnd(), instant > now { return .wait(until: instant) }
        let batch = removeBatch()
        running = batch.map { Running(rows: $0.rows, start: now) }
        return batch.map(BatchAction.run) ?? .idle
    }

    /// The batch that `next` gave out has run.
    package mutating func finish(now: UInt64) {
        guard let running else { return }
        let elapsed = now > running.start ? now - running.start : 0
        estimate.record(rows: running.rows, nanoseconds: elapsed)
        self.running = nil
    }

    /// Takes an entry out again if it still waits: O(waiting) at worst. Nil when it has been handed
    /// out already, in a batch or as expired.
    package mutating func cancel(_ ticket: Ticket) -> Entry? {
        guard let index = index(of: ticket) else { return nil }
        let removed = waiting.remove(at: index)
        waitingRows -= removed.rows
        return removed.entry
    }

    /// From here on nothing is admitted and nothing is held back.
    package mutating func drain() {
        isDraining = true
    }

    /// Drains and gives up what still waits, in order of admission. A running batch goes on.
    package mutating func abandon() -> [Entry] {
        drain()
        let abandoned = waiting.map(\.entry)
        waiting = []
        waitingRows = 0
        return abandoned
    }
}

extension BatchQueue {
    /// When the first waiting entry has been held back long enough; nil when nothing is held back:
    /// without a delay, in a drain, or with a batch's worth of rows waiting. O(maximumBatchRows).
    private func holdEnd() -> UInt64? {
        if limits.maximumBatchDelay == 0 || isDraining { return nil }
        if waitingRows >= limits.maximumBatchRows { return nil }
        return waiting.lazy.map(\.heldUntil).min()
    }

    private mutating func removeExpired(now: UInt64) -> [Entry] {
        guard now >= earliestDeadline else { return [] }
        var late: [Entry] = []
        var left = Deque<Waiting>(minimumCapacity: waiting.count)
        earliestDeadline = .max
        for item in waiting {
            guard item.deadline > now else {
                late.append(item.entry)
                waitingRows -= item.rows
                continue
            }
            earliestDeadline = min(earliestDeadline, item.deadline)
            left.append(item)
        }
        waiting = left
        return late
    }

    /// The oldest entry, and those of its key behind it up to the first that does not fit: a
    /// smaller one further back may not overtake it.
    private mutating func removeBatch() -> Batch<Key, Entry>? {
        guard let head = waiting.first else { return nil }
        var taken: [Entry] = []
        var passedOver: [Waiting] = []
        var rows = 0
        var scanned = 0
        for item in waiting {
            if rows >= limits.maximumBatchRows { break }
            if item.key != head.key {
                passedOver.append(item)
            } else if taken.isEmpty || item.rows <= limits.maximumBatchRows - rows {
                taken.append(item.entry)
                rows += item.rows
            } else {
                break
            }
            scanned += 1
        }
        waiting.replaceSubrange(0..<scanned, with: passedOver)
        waitingRows -= rows
        return Batch(key: head.key, entries: taken, rows: rows)
    }

    /// Tickets ascend along the queue.
    private func index(of ticket: Ticket) -> Int? {
        var low = 0
        var high = waiting.count
        while low < high {
            let middle = (low + high) / 2
            if waiting[middle].ticket.sequence < ticket.sequence {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low < waiting.count && waiting[low].ticket == ticket ? low : nil
    }
}
