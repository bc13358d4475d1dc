/// Limit on the work that a loop does in one turn. The rest is handed off, so that many requests at
/// once do not delay other connections. Belongs to the loop.
struct TurnBudget {
    private let max: Int
    /// When the turn began: the loop's clock stands still within one.
    private var turn: UInt64 = 0
    private var used = 0

    init(_ max: Int) { self.max = max }

    /// Whether `count` more fit in the turn that began at `now`; if so, they are used up.
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
