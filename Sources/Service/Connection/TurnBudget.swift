/// The amount of some work that a loop does itself in one of its turns. Further work is done
/// elsewhere, or a turn in which everybody asks for some would keep the others, probes among them,
/// waiting for the sum. Belongs to the loop.
struct TurnBudget {
    private let max: Int
    /// When the turn began: the loop's clock stands still within one.
    private var turn: UInt64 = 0
    private var used = 0

    init(_ max: Int) { self.max = max }

    /// Whether `count` more are for the turn that began at `now`, which then has them.
    mutating func takes(_ count: Int, now: UInt64) -> Bool {
        if now != turn {
            turn = now
            used = 0
        }
        guard count <= max - used else { return false }
        used += count
        return true
    }
}
