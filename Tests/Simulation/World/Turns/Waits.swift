/// The time for which entries of clients that were idle wait until they begin.
struct Waits {
    private struct Waiting {
        let since: UInt64
        /// Clients that had work then, and arrivals so far.
        let busy: Int
        let arrivals: Int
        /// Fresh clients before it, if it goes first.
        var fresh: Int?
        let debt: Double
    }

    private let bounds: Bounds
    private let delay: UInt64
    private var waiting: [UInt64: Waiting] = [:]
    /// The number of times that a client that was idle had work.
    var arrivals = 0
    /// The longest waits in quanta, of those that go first, with no fresh ones before them, and of
    /// all, and the latter in parts of the bound.
    private(set) var longestFirst = 0.0
    private(set) var longest = 0.0
    private(set) var longestPart = 0.0

    init(_ bounds: Bounds, delay: UInt64) {
        self.bounds = bounds
        self.delay = delay
    }

    /// An entry waits of a client that was idle.
    mutating func begin(
        _ piece: Piece, _ line: Audit.Line, at now: UInt64, _ lines: [Int: Audit.Line],
        _ got: [Double]
    ) {
        let busy = lines.values.filter(\.isBusy)
        waiting[piece.name] = Waiting(
            since: now, busy: busy.count, arrivals: arrivals,
            fresh: fresh(line, busy, got),
            debt: line.hasShared ? bounds.debt : bounds.block)
    }

    /// Fresh clients before one that goes first; nil if it need not. It does if it is new, or if
    /// each that has stayed had three turns since it was idle: behind the first it is out of
    /// debt, and behind the second out of the round.
    private func fresh(_ line: Audit.Line, _ busy: [Audit.Line], _ got: [Double]) -> Int? {
        guard delay == 0 else { return nil }
        var fresh = 0
        var hasStayed = line.isNew
        for other in busy {
            // One that waits for room goes first when it has some.
            let isFresh =
                got[other.slot] - other.gotBefore < bounds.quantum || other.run == nil
            if isFresh { fresh += 1 }
            guard !line.isNew else { continue }
            guard !line.hasShared, let before = line.gotOfOthers, other.slot < before.count,
                isFresh || got[other.slot] - before[other.slot] > 3 * bounds.turn
            else { return nil }
            if !isFresh { hasStayed = true }
        }
        return hasStayed ? fresh : nil
    }

    /// The entry has no room; how long it waits is for others to say.
    mutating func drop(_ piece: Piece) {
        guard !waiting.isEmpty else { return }
        waiting[piece.name] = nil
    }

    /// Clients wait for room, and go first when there is some: who is before whom is not known.
    mutating func noteLackOfRoom() {
        for name in waiting.keys { waiting[name]?.fresh = nil }
    }

    mutating func end(_ piece: Piece) { waiting[piece.name] = nil }

    mutating func started(_ piece: Piece, at now: UInt64) throws(Breach) {
        guard let entry = waiting.removeValue(forKey: piece.name) else { return }
        let time = Double(now - entry.since)
        if let fresh = entry.fresh {
            if fresh == 0 { longestFirst = max(longestFirst, time / bounds.quantum) }
            try require(
                time <= bounds.firstWait(fresh: fresh), .waitIsBounded,
                "\(piece.name) waited \(time / bounds.quantum) quanta behind \(fresh) fresh ones")
        }
        let others = entry.busy + arrivals - entry.arrivals
        let bound = bounds.wait(others: others, debt: entry.debt, delay: delay)
        longest = max(longest, time / bounds.quantum)
        longestPart = max(longestPart, time / bound)
        try require(
            time <= bound, .waitIsBounded,
            "\(piece.name) waited \(time / bounds.quantum) quanta beside \(others)")
    }
}
