import Batching

/// Bounds on what a fair queue may do, in nanoseconds of computing.
///
/// Let Q be the longest quantum, q the shortest for as many clients as there may be, r = Q / q,
/// and E the most that a slice takes beyond its time: until its batch is done, if that is near, and
/// to the end of a block. A client is charged at most Q + E in a
/// turn of its own; the turn may last 4 Q + E, with the parts of others in shared batches.
///
/// A client's credit is at most 2 Q: it gets one only when it has none left, or to go first with,
/// where it keeps one for later. Its debt is at most
/// D = 3 Q + E: a batch of several clients goes on only while none of them is 2 Q in debt, and a
/// slice of it takes Q + E. Alone, it is E.
struct Bounds {
    let quantum: Double
    let leastQuantum: Double
    let block: Double
    /// The factor by which turns may differ.
    let ratio: Double

    init(limits: TurnLimits, clients: Int, block: UInt64) {
        let round = TurnLimits.roundTime / UInt64(max(1, clients))
        quantum = Double(limits.quantum)
        leastQuantum = Double(max(1, min(limits.quantum, max(limits.quantum / 4, round))))
        self.block = Double(limits.quantum / 2 + block)
        ratio = quantum / leastQuantum
    }

    var turn: Double { quantum + block }
    /// The longest turn, with the parts of others in what runs in it.
    var sharedTurn: Double { 4 * quantum + block }
    var debt: Double { 3 * quantum + block }

    /// Time that a client may get beyond `ratio` times what another gets, over any time in which
    /// both have work, and the other one nothing that is shared and its first slice behind it;
    /// until then its wait is bounded.
    ///
    /// Turns go round, so while one is granted g quanta another is granted at most g + 3: one at
    /// each end, and one where shared work has used up the turn in which the time began, which
    /// then ends without a grant. One began with 2 Q of credit, and ends with a debt of D: it gets
    /// at most (g + 5) Q + D. The other began with a debt of D, and ends with 2 Q: it gets at least
    /// g q - D - 2 Q. A nanosecond is lost where a charge is divided; a quantum is room enough.
    var lag: Double { 6 * quantum + debt + ratio * (debt + 2 * quantum) }

    /// The same for one that comes and goes, beyond `2 * ratio` times. Once a round it is granted
    /// a quantum more; once more in a round that was under way.
    var comingLag: Double { lag + 2 * quantum + ratio * (debt + 2 * quantum) }

    /// Time by which new clients together may be ahead of those that were there: fresh ones go
    /// first until they are a quantum ahead, and the last one takes a turn.
    var newcomersLead: Double { quantum + turn + quantum }

    /// Turns, at least Q + E apart in what it got, in which one client may begin long batches while
    /// another waits for room to begin one. The latter is asked before all others as soon as there
    /// is some, once it has credit: after D / q + 2 rounds, as in `wait`. In each of them the first
    /// is granted two quanta, one to go first with; it began with 2 Q, and ends with a debt of D.
    var overtaking: Int {
        let rounds = (debt / leastQuantum).rounded(.down) + 2
        return Int((rounds * 2 * quantum + 2 * quantum + debt) / turn) + 1
    }

    /// The wait of an entry of a client that goes first: for the slice under way, for the
    /// `fresh` ones that came before, and for as many turns of others, as those have half of the
    /// time; and two more, as fresh ones may have been ahead by a quantum and a turn.
    func firstWait(fresh: Int) -> Double { Double(2 * fresh + 4) * sharedTurn + quantum }

    /// The wait of an entry of a client that was idle, beside `others` clients. With a debt
    /// of d it has credit at the latest when it comes to its (d / q + 1)th turn, and computes in
    /// the one behind it. Each other client has a turn before each of these; fresh ones take as
    /// much again, and go a quantum and a turn ahead. A delay puts the client behind all others
    /// once more.
    func wait(others: Int, debt: Double, delay: UInt64) -> Double {
        let turns = (debt / leastQuantum).rounded(.down) + (delay > 0 ? 3 : 2)
        return turn + 2 * turns * Double(others) * sharedTurn + 2 * sharedTurn + Double(delay)
    }
}
