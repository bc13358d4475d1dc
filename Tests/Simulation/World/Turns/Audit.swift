import Batching

/// A model of the queue that knows what went in and what came out, and nothing of how. It counts
/// everything anew, slowly, and asks whether what the queue does is right.
struct Audit {
    struct Line {
        /// Its place in the books of shares; other clients have it when it has left.
        let slot: Int
        /// The names of the entries that wait, in order.
        var waiting: [UInt64] = []
        var run: RunID?
        /// Whether it has not been without work since it came.
        var isNew = true
        /// Whether it ever could not run, or ran with others; it may have lost its place then.
        var wasHindered = false
        /// Whether a batch of several clients was charged to it.
        var hasShared = false
        /// The time that it had got when it was last idle.
        var gotBefore = 0.0
        /// The time that each client had got when this one became idle.
        var gotOfOthers: [Double]?

        var isBusy: Bool { run != nil || !waiting.isEmpty }
    }

    struct Run {
        let pieces: [Piece]
        /// Clients with what they are charged of the batch.
        let shares: [(client: Int, part: Double)]
        let expected: UInt64
        let bytes: Int
        var used: UInt64 = 0

        var isShared: Bool { shares.count > 1 }
    }

    let limits: TurnLimits
    let bounds: Bounds
    var lines: [Int: Line] = [:]
    /// The entries that wait, by name.
    private(set) var pieces: [UInt64: Piece] = [:]
    var runs: [RunID: Run] = [:]
    /// The batch whose slice is under way.
    var current: RunID?
    var shares: Shares
    var waits: Waits
    var newcomers: Newcomers
    var room: RoomOrder
    private(set) var waitingRows = 0
    /// No entry that waits has an earlier deadline.
    private var earliestDeadline = UInt64.max
    private var freeSlots: [Int] = []
    private var slotCount = 0

    /// - Parameters:
    ///   - limits: those of the queue.
    ///   - clients: the most that may be in the round at once.
    ///   - block: the most nanoseconds that a slice takes beyond its end.
    init(limits: TurnLimits, clients: Int, block: UInt64) {
        self.limits = limits
        bounds = Bounds(limits: limits, clients: clients, block: block)
        shares = Shares(bounds)
        waits = Waits(bounds, delay: limits.maxBatchDelay)
        newcomers = Newcomers(bounds)
        room = RoomOrder(bounds)
    }

    func isShort(_ piece: Piece) -> Bool {
        guard let expected = piece.size.expected else { return false }
        return expected <= limits.quantum && piece.size.rows <= limits.maxBatchRows
    }

    /// Expected time of what a client has, were it alone.
    private func ownWait(_ line: Line?) -> UInt64 {
        guard let line else { return 0 }
        let waiting = line.waiting.reduce(0 as UInt64) { $0 + (pieces[$1]?.size.expected ?? 0) }
        guard let run = line.run.flatMap({ runs[$0] }) else { return waiting }
        return waiting + run.expected - min(run.expected, run.used)
    }

    /// The queue has admitted or refused an entry: only its client's own share may be the cause.
    mutating func note(_ admission: Admission, of piece: Piece, now: UInt64) throws(Breach) {
        let line = lines[piece.client]
        let rows = line?.waiting.reduce(0) { $0 + (pieces[$1]?.size.rows ?? 0) } ?? 0
        let isFull = rows + piece.size.rows > limits.maxClientRows
        let wait = ownWait(line)
        let isLate =
            piece.deadline > now && wait + (piece.size.expected ?? 0) > piece.deadline - now
        let holds =
            switch admission {
            case .admitted: piece.deadline > now && !isFull && !isLate
            case .queueFull(rows, limits.maxClientRows, wait): isFull
            case .deadlineOutOfReach(wait): isLate
            case .expired: piece.deadline <= now
            case .queueFull, .deadlineOutOfReach, .noRows: false
            }
        try require(
            holds, .refusedByOwnShare,
            "\(admission) for \(piece.size) of client \(piece.client), which has \(rows) rows and"
                + " \(wait) ns, and \(Int64(piece.deadline) - Int64(now)) ns left")
        if case .admitted = admission { admit(piece, now: now) }
    }

    private mutating func admit(_ piece: Piece, now: UInt64) {
        pieces[piece.name] = piece
        waitingRows += piece.size.rows
        earliestDeadline = min(earliestDeadline, piece.deadline)
        var line = lines[piece.client] ?? open()
        if !line.isBusy {
            shares.begin(line.slot)
            waits.arrivals += 1
            waits.begin(piece, line, at: now, lines, shares.got)
        }
        line.waiting.append(piece.name)
        lines[piece.client] = line
    }

    private mutating func open() -> Line {
        let slot = freeSlots.popLast() ?? slotCount
        if slot == slotCount { slotCount += 1 }
        shares.open(slot)
        room.open(slot)
        return Line(slot: slot)
    }

    /// A client has gone for good; to be called when it has nothing in the queue.
    mutating func forget(_ client: Int) {
        guard let line = lines[client], !line.isBusy else { return }
        shares.setWindow(line.slot, isOn: false)
        lines[client] = nil
        freeSlots.append(line.slot)
    }

    /// The queue has given back an entry that was cancelled, or nothing, as it is out.
    mutating func cancelled(_ piece: Piece?, name: UInt64) throws(Breach) {
        try require(
            piece?.name == pieces[name]?.name, .countersAgree,
            "cancelling \(name) gave \(piece?.name ?? 0)")
        if let piece { try leave(piece) }
    }

    mutating func expired(_ late: [Piece], now: UInt64) throws(Breach) {
        for piece in late {
            try require(
                piece.deadline <= now && pieces[piece.name] != nil, .leavesOnce,
                "\(piece.name) expired too early, or twice")
            try leave(piece)
        }
        try requireNoneLate(now)
    }

    /// The queue gives out what is too late before it does anything else.
    mutating func requireNoneLate(_ now: UInt64) throws(Breach) {
        guard earliestDeadline <= now else { return }
        earliestDeadline = pieces.values.map(\.deadline).min() ?? .max
        try require(
            earliestDeadline > now, .leavesOnce,
            "an entry is \(now - min(now, earliestDeadline)) ns beyond its deadline")
    }

    /// An entry does not wait any more.
    mutating func leave(_ piece: Piece) throws(Breach) {
        guard pieces.removeValue(forKey: piece.name) != nil else {
            throw Breach(
                invariant: .leavesOnce, detail: "\(piece.name) came out twice", line: #line)
        }
        waitingRows -= piece.size.rows
        waits.end(piece)
        if let line = lines[piece.client], line.waiting.first == piece.name {
            room.setWaiting(line.slot, nil)
        }
        lines[piece.client]?.waiting.removeAll { $0 == piece.name }
        rest(piece.client)
    }

    /// Notes that a client is idle, if it is.
    mutating func rest(_ client: Int) {
        guard var line = lines[client], !line.isBusy else { return }
        shares.setWindow(line.slot, isOn: false)
        line.isNew = false
        line.gotBefore = shares.got[line.slot]
        line.gotOfOthers = shares.got
        lines[client] = line
    }

    /// The end of the first entry's delay, if it is to come and no batch's worth of rows waits.
    func holdEnd(_ now: UInt64) -> UInt64? {
        guard limits.maxBatchDelay > 0, waitingRows < limits.maxBatchRows else { return nil }
        let ends = pieces.values.map { piece in
            piece.admission + min(limits.maxBatchDelay, (piece.deadline - piece.admission) / 2)
        }
        return ends.min().flatMap { $0 > now ? $0 : nil }
    }

    /// Whether a batch may begin with an entry, beside those in progress.
    func hasRoom(_ piece: Piece) -> Bool {
        if runs.isEmpty { return true }
        let isShort = isShort(piece)
        let bytes = runs.values.reduce(piece.size.bytes) { $0 + $1.bytes }
        return runs.count < (isShort ? limits.maxRuns : limits.maxRuns - 1)
            && (piece.size.bytes == 0
                || bytes <= (isShort ? limits.maxRunBytes : limits.maxRunBytes / 4 * 3))
    }
}
