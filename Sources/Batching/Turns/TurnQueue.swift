/// Decides which entries run together, when, and for how long at a time. A value that reads no
/// clock, starts no thread and makes no calls: every method takes the time and returns what is to
/// be done.
///
/// Times are monotonic nanoseconds. One slice runs at a time. Clients take turns by the time that
/// is computed for them (`ClientRound`); a batch that is not done at the end of its slice is
/// suspended and goes on in the next turn of one of its clients. So nobody's wait depends on how
/// much another client has asked for, or on how long an entry takes.
///
/// A batch is formed late, when the turn of a client without a batch in progress comes. An entry
/// that is expected to take longer than a quantum, or of which nothing is known, is a batch of its
/// own; short ones of the same key join each other, the client's own first and then those that
/// are next in other clients' queues. Each client's entries run in order, one batch at a time.
///
/// It knows an entry by the slot of its ticket alone; `EntryQueue` keeps the entries themselves. So
/// it is compiled for no type of entry in particular, which costs less.
struct TurnQueue: Sendable {
    struct Waiting: Sendable {
        let sequence: UInt64
        let key: Int
        let size: EntrySize
        let deadline: UInt64
        /// The end of its delay, in which others may join it.
        let heldUntil: UInt64
        let client: Int
        /// False once removed.
        var isWaiting = true
    }

    struct Line: Sendable {
        let client: ClientID
        var entries = Chain()
        var rows = 0
        /// Expected time of the entries that wait.
        var expected: UInt64 = 0
        /// Its batch in progress.
        var run: Int?
        /// The lane that its first entry is in.
        var lane: Int?
    }

    let limits: TurnLimits
    var round: ClientRound
    var entries = Slots<Waiting>()
    var ages = Links()
    var age = Chain()
    var places = Links()
    var lines = Slots<Line>()
    var lineSlots: [ClientID: Int] = [:]
    /// Clients whose next entry is short and of this key, and may join a batch.
    var lanes: [Int: Chain] = [:]
    var laneLinks = Links()
    var runs = RunsInProgress()
    var count = 0
    var nextSequence: UInt64 = 0
    /// Rows of all waiting entries.
    private(set) var waitingRows = 0
    /// A lower bound of all waiting entries' deadlines: before it nothing can have expired.
    var earliestDeadline = UInt64.max

    init(limits: TurnLimits) {
        self.limits = limits
        round = ClientRound(limits: limits)
    }

    /// Rows of the slice under way; 0 between slices.
    var runningRows: Int { runs.currentRows }

    /// Batches in progress, suspended ones included.
    var runCount: Int { runs.count }

    /// Whether a client that goes first waits behind the slice under way. Where entries are delayed
    /// it is not to run yet.
    var isOvertaken: Bool {
        limits.maxBatchDelay == 0 && runs.current != nil && round.isOvertaken
    }

    /// Admits a client's entry, or returns why not. `deadline` is the first instant that is too
    /// late. O(1), amortised.
    mutating func admit(
        key: Int, client: ClientID, size: EntrySize, deadline: UInt64, now: UInt64
    ) -> Admission {
        if let refusal = refusal(client, size, deadline: deadline, now: now) { return refusal }
        let line = line(of: client)
        // At most half of its time is spent waiting for others; the other half is for running.
        let hold = min(limits.maxBatchDelay, (deadline - now) / 2)
        let sequence = nextSequence
        nextSequence += 1
        let slot = entries.insert(
            Waiting(
                sequence: sequence, key: key, size: size, deadline: deadline,
                heldUntil: now + hold, client: line))
        ages.append(slot, to: &age)
        places.append(slot, to: &lines[line].entries)
        lines[line].rows += size.rows
        lines[line].expected = lines[line].expected.saturatingAdd(size.expected ?? 0)
        waitingRows += size.rows
        count += 1
        earliestDeadline = min(earliestDeadline, deadline)
        refresh(line)
        if lines[line].entries.first == slot { askAgain(line) }
        return .admitted(Ticket(sequence: sequence, slot: slot))
    }

    /// The refusal of an entry that cannot be admitted; nil if it can. Only what the client itself
    /// has waiting counts.
    private func refusal(
        _ client: ClientID, _ size: EntrySize, deadline: UInt64, now: UInt64
    ) -> Admission? {
        if size.rows < 1 { return .noRows }
        if deadline <= now { return .expired }
        let line = lineSlots[client].map { lines[$0] }
        let rows = line?.rows ?? 0
        let wait = ownWait(line)
        if size.rows > limits.maxClientRows - rows {
            return .queueFull(
                waitingRows: rows, limit: limits.maxClientRows, estimatedWait: wait)
        }
        return wait.saturatingAdd(size.expected ?? 0) > deadline - now
            ? .deadlineOutOfReach(estimatedWait: wait) : nil
    }

    /// Expected time of what a client has waiting and in progress, if it computed alone.
    private func ownWait(_ line: Line?) -> UInt64 {
        guard let line else { return 0 }
        return line.expected.saturatingAdd(line.run.map { runs.remainder(of: $0) } ?? 0)
    }

    /// Removes an entry that still waits; false if it was returned already, in a batch or as
    /// expired. O(1).
    mutating func cancel(_ ticket: Ticket) -> Bool {
        let item = entries[ticket.slot]
        guard item.sequence == ticket.sequence, item.isWaiting else { return false }
        remove(ticket.slot)
        return true
    }

    /// Takes an entry out of all lists.
    mutating func remove(_ slot: Int) {
        let item = entries[slot]
        let isFirst = lines[item.client].entries.first == slot
        entries[slot].isWaiting = false
        ages.remove(slot, from: &age)
        places.remove(slot, from: &lines[item.client].entries)
        entries.remove(slot)
        lines[item.client].rows -= item.size.rows
        lines[item.client].expected -= min(
            lines[item.client].expected, item.size.expected ?? 0)
        waitingRows -= item.size.rows
        count -= 1
        refresh(item.client)
        if isFirst { askAgain(item.client) }
    }

    /// Lets a client in again that waits for room, if its first entry is another now and has it.
    private mutating func askAgain(_ line: Int) {
        guard let first = lines[line].entries.first, hasRoom(for: entries[first].size) else {
            return
        }
        round.unparkFirst(line)
    }

    /// The line of a client; opened if there is none.
    private mutating func line(of client: ClientID) -> Int {
        if let line = lineSlots[client] { return line }
        let line = lines.insert(Line(client: client))
        lineSlots[client] = line
        return line
    }

    /// Brings the lists up to date that depend on a client's first entry and its batch.
    mutating func refresh(_ line: Int) {
        let state = lines[line]
        round.setWork(line, state.run != nil || state.entries.first != nil)
        let first = state.run == nil ? state.entries.first.map { entries[$0] } : nil
        let lane = first.flatMap { isShort($0.size) ? $0.key : nil }
        // It may have been taken into a batch while it was left out.
        if state.run != nil { round.unpark(line) }
        guard lane != state.lane else { return }
        if let old = state.lane {
            laneLinks.remove(line, from: &lanes[old, default: Chain()])
            if lanes[old]?.first == nil { lanes[old] = nil }
        }
        if let lane {
            laneLinks.append(line, to: &lanes[lane, default: Chain()])
            round.unpark(line)
        }
        lines[line].lane = lane
    }

    /// Whether an entry may run together with those of other clients.
    func isShort(_ size: EntrySize) -> Bool {
        guard let expected = size.expected else { return false }
        return expected <= limits.quantum && size.rows <= limits.maxBatchRows
    }
}

extension UInt64 {
    func saturatingAdd(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
