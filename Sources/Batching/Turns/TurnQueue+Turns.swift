extension TurnQueue {
    /// The action that is due at `now`; expired entries come first.
    /// Cost: O(entries taken) for a batch, O(waiting) when a deadline may have passed.
    mutating func next(now: UInt64) -> TurnAction<Int> {
        let late = removeExpired(now: now)
        if !late.isEmpty { return .expired(late) }
        if runs.current != nil { return .busy }
        let holdEnd = holdEnd(now: now)
        if let holdEnd, runs.count == 0 { return .wait(until: holdEnd) }
        if limits.maxBatchDelay > 0, holdEnd == nil { round.unparkAll() }
        while true {
            switch round.next() {
            case .passed: continue
            case .left(let line): forget(line)
            case .turn(let line) where isInDebt(lines[line].run): round.pass(line, isEmpty: true)
            case .turn(let line):
                if let action = turn(of: line, isHeld: holdEnd != nil) { return action }
                round.park(line)
            case .empty: return .idle
            }
        }
    }

    /// The turn of a client: its batch goes on, or one begins; nil if neither may.
    private mutating func turn(of line: Int, isHeld: Bool) -> TurnAction<Int>? {
        if let run = lines[line].run {
            runs.resume(run)
            let slice = slice(of: line, isShared: runs[run].isShared)
            return .resume(runs[run].id, slice: slice + finishingTime(of: run, after: slice))
        }
        guard !isHeld, let first = lines[line].entries.first,
            hasRoom(for: entries[first].size)
        else { return nil }
        return begin(with: line)
    }

    /// Time of a slice: what is left of the turn, but not more than the client's credit, unless
    /// others share the batch.
    private func slice(of line: Int, isShared: Bool) -> UInt64 {
        if isShared { return round.turnRest }
        return min(UInt64(clamping: max(round.credit(of: line), 1)), round.turnRest)
    }

    /// Time that a batch may have beyond a slice, half a quantum, if it is expected to be done with
    /// it: that spares a change of turns, and its clients are charged.
    private func finishingTime(of run: Int, after slice: UInt64) -> UInt64 {
        let rest = runs.remainder(of: run)
        let most = round.quantum / 2
        return rest > slice && rest - slice <= most ? most : 0
    }

    /// Whether a batch may not go on, as one of its clients is so deep in debt. What it is charged
    /// of a batch that takes longer than expected would have no bound else.
    private func isInDebt(_ run: Int?) -> Bool {
        guard let run, runs[run].isShared else { return false }
        let maxDebt = 2 * Int64(clamping: limits.quantum)
        return runs.shares(of: run).contains { round.credit(of: $0.client) <= -maxDebt }
    }

    /// Ends the slice that `next` began, and charges its clients.
    mutating func endSlice(_ id: RunID, elapsed: UInt64, isFinished: Bool) {
        guard let run = runs.endSlice(id, elapsed: elapsed, isFinished: isFinished) else {
            return
        }
        for share in run.shares {
            round.charge(share.client, UInt64(Double(elapsed) * share.weight / run.weight))
        }
        round.spend(elapsed)
        guard isFinished else { return }
        for share in run.shares {
            lines[share.client].run = nil
            refresh(share.client)
        }
        round.unparkAll()
    }

    /// Removes the line of a client that has left the round.
    private mutating func forget(_ line: Int) {
        lineSlots[lines[line].client] = nil
        lines.remove(line)
    }
}

extension TurnQueue {
    /// Whether one batch more may begin, with `size` as its first entry.
    func hasRoom(for size: EntrySize) -> Bool {
        if runs.count == 0 { return true }
        let isShort = isShort(size)
        let maxRuns = isShort ? limits.maxRuns : limits.maxRuns - 1
        let maxBytes = isShort ? limits.maxRunBytes : limits.maxRunBytes / 4 * 3
        return runs.count < maxRuns && size.bytes <= maxBytes - min(maxBytes, runs.bytes)
    }

    /// Begins a batch with a client's first entry, and with those that may join it.
    private mutating func begin(with line: Int) -> TurnAction<Int>? {
        guard let first = lines[line].entries.first else { return nil }
        let key = entries[first].key
        var batch = BatchInMaking(
            id: runs.reserve(), maxRows: limits.maxBatchRows,
            maxBytes: limits.maxRunBytes - min(limits.maxRunBytes, runs.bytes))
        let isShort = isShort(entries[first].size)
        let slice = slice(of: line, isShared: isShort)
        take(line, into: &batch, isShort: isShort)
        if isShort { takeOthers(of: key, into: &batch) }
        runs.begin(batch.id, batch.run)
        return .start(
            batch.id, Batch(key: key, entries: batch.entries, rows: batch.run.rows),
            slice: slice + finishingTime(of: batch.id.slot, after: slice))
    }

    /// Lets the short entries of other clients join, in the order in which they became their
    /// clients' first. One that is a quantum in debt waits for its own turns.
    private mutating func takeOthers(of key: Int, into batch: inout BatchInMaking) {
        let maxDebt = Int64(clamping: round.quantum)
        var candidate = lanes[key]?.first
        while let line = candidate, let first = lines[line].entries.first,
            batch.fits(entries[first].size)
        {
            candidate = laneLinks.slot(after: line)
            if round.credit(of: line) > -maxDebt { take(line, into: &batch, isShort: true) }
        }
    }

    /// Moves a client's first entry into a batch, and with `isShort` those behind it that are
    /// short, of the same key, and within its credit.
    private mutating func take(
        _ line: Int, into batch: inout BatchInMaking, isShort: Bool
    ) {
        guard var slot = lines[line].entries.first else { return }
        let key = entries[slot].key
        let credit = Double(round.credit(of: line))
        var weight = 0.0
        lines[line].run = batch.id.slot
        while true {
            let size = entries[slot].size
            weight += Double(max(1, size.expected ?? 1))
            remove(slot)
            batch.append(slot, size)
            guard isShort, let next = lines[line].entries.first, entries[next].key == key,
                self.isShort(entries[next].size), batch.fits(entries[next].size), weight < credit
            else { break }
            slot = next
        }
        batch.close(client: line, weight: weight)
    }
}

/// A batch that is being put together.
struct BatchInMaking {
    let id: RunID
    private let maxRows: Int
    private let maxBytes: Int
    /// Slots.
    private(set) var entries: [Int] = []
    private(set) var run = RunsInProgress.Run()

    init(id: RunID, maxRows: Int, maxBytes: Int) {
        self.id = id
        self.maxRows = maxRows
        self.maxBytes = maxBytes
    }

    /// Whether an entry fits beside those that are there.
    func fits(_ size: EntrySize) -> Bool {
        size.rows <= maxRows - run.rows && size.bytes <= maxBytes - min(maxBytes, run.bytes)
    }

    mutating func append(_ entry: Int, _ size: EntrySize) {
        entries.append(entry)
        run.rows += size.rows
        run.bytes += size.bytes
        run.expected = run.expected.saturatingAdd(size.expected ?? 0)
    }

    /// Ends the part of a client.
    mutating func close(client: Int, weight: Double) {
        run.shares.append(RunsInProgress.Share(client: client, weight: weight))
        run.weight += weight
    }
}

extension TurnQueue {
    /// The end of the first waiting entry's delay; nil if nothing is delayed, because there is no
    /// delay, it is over, or a batch's worth of rows waits. O(maxBatchRows).
    private func holdEnd(now: UInt64) -> UInt64? {
        if limits.maxBatchDelay == 0 || waitingRows >= limits.maxBatchRows { return nil }
        let end = slots.lazy.map { entries[$0].heldUntil }.min()
        return end.flatMap { $0 > now ? $0 : nil }
    }

    /// The slots of all entries, in order of admission.
    private var slots: [Int] {
        var slots: [Int] = []
        var next = age.first
        while let slot = next {
            slots.append(slot)
            next = ages.slot(after: slot)
        }
        return slots
    }

    /// Removes and returns the slots of the expired entries, in order of admission.
    private mutating func removeExpired(now: UInt64) -> [Int] {
        guard now >= earliestDeadline else { return [] }
        var late: [Int] = []
        earliestDeadline = .max
        for slot in slots {
            let deadline = entries[slot].deadline
            if deadline > now {
                earliestDeadline = min(earliestDeadline, deadline)
            } else {
                remove(slot)
                late.append(slot)
            }
        }
        return late
    }
}
