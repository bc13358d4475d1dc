/// The time that a client may compute: a quantum each time that its turn comes with nothing left,
/// and one to go first with, once a round. So it has two a round at the most, and 2 quanta of
/// credit; one that always has work has one.
struct ClientCredit: Sendable {
    /// Nanoseconds; below zero where it took more than it had.
    private(set) var left: Int64 = 0
    /// The rest when it was given a quantum to go first with; its next grant brings it back.
    private var saved: Int64 = 0
    /// Quanta granted, and turns of its own that ended, since it was last given one to go first.
    private var grants = 0
    private var turns = 0

    /// Whether what is left is of the quantum that it was given to go first with.
    var isFirst: Bool { left > 0 && grants == 0 }

    mutating func spend(_ nanoseconds: Int64) { left -= nanoseconds }

    /// Grants a quantum to one that has used up what it had.
    mutating func grant(_ quantum: Int64) {
        left += quantum + saved
        saved = 0
        grants += 1
    }

    mutating func endTurn() { turns += 1 }

    /// Gives a quantum to go first with. What is left is saved if it had no more than its turns
    /// allow, two quanta for each, with this one. Else it is given up; and one that was granted two
    /// and had no turn is given none: parts of what it shared in the turns of others have used its
    /// quanta up, and it would have three a round.
    mutating func giveFirst(_ quantum: Int64) {
        if 1 + grants <= 2 * turns {
            saved = min(left, quantum)
            left = quantum
        } else if grants < 2 {
            left = max(left, quantum)
        }
        (grants, turns) = (0, 0)
    }
}
