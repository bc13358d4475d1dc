import Batching
import Fixtures

/// The queue, and the processor that computes its batches, a slice at a time, as far as it says.
struct Processor {
    private(set) var queue: PlantedQueue
    private(set) var audit: Audit
    /// The slice under way.
    private var slice: (id: RunID, start: UInt64, end: UInt64)?
    /// Time from where the work is to stop to the end of a block.
    private var overshoot: UInt64 = 0
    /// Batches in progress, with the time that they still take.
    private var left: [RunID: UInt64] = [:]
    private var wakeUp: UInt64?
    private(set) var sliceCount = 0

    /// - Parameters:
    ///   - limits: those of the queue.
    ///   - clients: the most that may be in the round at once.
    ///   - block: the longest of any entry.
    ///   - fault: one to be planted in the queue.
    init(limits: TurnLimits, clients: Int, block: UInt64, fault: Fault?) {
        queue = PlantedQueue(limits: limits, fault: fault)
        audit = Audit(limits: limits, clients: clients, block: block)
    }

    /// The next instant at which there is something to do.
    var due: UInt64 { slice?.end ?? wakeUp ?? .max }
    var isComputing: Bool { slice != nil }
    var isEmpty: Bool { audit.pieces.isEmpty && audit.runs.isEmpty }

    mutating func admit(_ piece: Piece, now: UInt64) throws(Breach) -> Ticket? {
        let admission = queue.admit(piece, now: now)
        try audit.note(admission, of: piece, now: now)
        guard case .admitted(let ticket) = admission else { return nil }
        endEarly(now)
        return ticket
    }

    /// The slice under way ends early where a client that goes first waits behind it.
    private mutating func endEarly(_ now: UInt64) {
        guard queue.isOvertaken, let (_, start, end) = slice else { return }
        slice?.end = min(end, max(now, start + queue.limits.shortestSlice + overshoot))
    }

    /// Takes an entry back; false if it does not wait any more.
    mutating func cancel(_ ticket: Ticket, name: UInt64) throws(Breach) -> Bool {
        let piece = queue.cancel(ticket)
        try audit.cancelled(piece, name: name)
        return piece != nil
    }

    /// Nanoseconds of computing that all entries still take.
    var work: UInt64 {
        left.values.reduce(0, +) + audit.pieces.values.reduce(0) { $0 + $1.cost }
    }

    mutating func forget(_ client: Int) { audit.forget(client) }

    /// Does what the queue wants, and returns what has expired; asked again until that is nothing.
    mutating func advance(
        _ now: UInt64, random: inout SeededRandom
    ) throws(Breach) -> [Piece] {
        wakeUp = nil
        let action = queue.next(now: now)
        switch action {
        case .expired(let late):
            try audit.expired(late, now: now)
            return late
        case .start(let id, let batch, let length):
            try audit.started(id, batch, slice: length, now: now)
            left[id] = batch.entries.reduce(0) { $0 + $1.cost }
            begin(id, length, now: now, random: &random)
        case .resume(let id, let length):
            try audit.resumed(id, slice: length, now: now)
            begin(id, length, now: now, random: &random)
        case .wait(let until):
            try require(until > now, .timersAhead, "the queue waits for \(until)")
            try audit.paused(until: until, now: now)
            wakeUp = until
        case .busy:
            try require(slice != nil, .oneSlice, "no slice is under way")
            try audit.requireNoneLate(now)
        case .idle: try audit.paused(until: nil, now: now)
        }
        return []
    }

    /// Begins a slice: the work stops at its end, or at the end of a block.
    private mutating func begin(
        _ id: RunID, _ length: UInt64, now: UInt64, random: inout SeededRandom
    ) {
        sliceCount += 1
        let block = audit.runs[id]?.pieces.map(\.block).max() ?? 0
        overshoot = UInt64.random(in: 0...block, using: &random)
        let most = length + overshoot
        slice = (id, now, now + max(1, min(left[id] ?? 0, most)))
    }

    /// Ends the slice that is due; the entries of its batch, if that is done.
    mutating func endSlice(_ now: UInt64) throws(Breach) -> [Piece] {
        guard let (id, start, _) = slice, let rest = left[id] else { return [] }
        slice = nil
        let elapsed = now - start
        let isFinished = elapsed >= rest
        let pieces = audit.runs[id]?.pieces ?? []
        queue.endSlice(id, elapsed: elapsed, isFinished: isFinished)
        try audit.sliceEnded(id, elapsed: elapsed, isFinished: isFinished)
        left[id] = isFinished ? nil : rest - elapsed
        return isFinished ? pieces : []
    }

    /// The queue counts what it holds.
    func check() throws(Breach) {
        try require(
            queue.waitingRows == audit.waitingRows, .countersAgree,
            "\(queue.waitingRows) rows, not \(audit.waitingRows)")
        try require(
            queue.runCount == audit.runs.count, .countersAgree,
            "\(queue.runCount) batches, not \(audit.runs.count)")
        let running = audit.current.flatMap { audit.runs[$0] }
        try require(
            queue.runningRows == running?.pieces.reduce(0) { $0 + $1.size.rows } ?? 0,
            .countersAgree, "\(queue.runningRows) rows run")
    }
}
