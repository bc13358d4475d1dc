import Batching

/// The order in which long entries get room among the batches in progress.
struct RoomOrder {
    private struct Waiting {
        let piece: Piece
        /// In how many turns each client had begun long batches.
        var begun: [Int]
    }

    /// Turns in which each client began long batches; clients are small numbers.
    private var begun: [Int] = []
    /// The time that each had got when it began the first one of such a turn.
    private var gotBefore: [Double] = []
    private let bounds: Bounds

    init(_ bounds: Bounds) { self.bounds = bounds }

    private var waiting: [Waiting?] = []

    mutating func open(_ slot: Int) {
        while begun.count <= slot {
            begun.append(0)
            gotBefore.append(0)
            waiting.append(nil)
        }
        waiting[slot] = nil
        gotBefore[slot] = -bounds.turn
        // Another client than before.
        for other in waiting.indices {
            guard let count = waiting[other]?.begun.count, slot < count else { continue }
            waiting[other]?.begun[slot] = begun[slot]
        }
    }

    /// A client has an entry for which there is no room, or none.
    mutating func setWaiting(_ slot: Int, _ piece: Piece?) {
        guard let piece else { return waiting[slot] = nil }
        if waiting[slot]?.piece.name == piece.name { return }
        waiting[slot] = Waiting(piece: piece, begun: begun)
    }

    /// A client that has got so much begins a long batch. Another one's that waits for room, and
    /// would have had it in its place, is not overtaken again and again.
    mutating func began(_ slot: Int, _ piece: Piece, got: Double) throws(Breach) {
        if got - gotBefore[slot] >= bounds.turn {
            begun[slot] += 1
            gotBefore[slot] = got
        }
        waiting[slot] = nil
        for other in waiting {
            guard let other, other.piece.size.bytes <= piece.size.bytes else { continue }
            let before = slot < other.begun.count ? other.begun[slot] : 0
            try require(
                begun[slot] - before <= bounds.overtaking, .roomInTurn,
                "\(other.piece.name) of client \(other.piece.client) waits for room, client"
                    + " \(piece.client) has had it in \(begun[slot] - before) turns")
        }
    }
}
