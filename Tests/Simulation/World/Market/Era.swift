import Batching
import Fixtures

/// The limits of a queue, and its clients, until the next queue takes its place.
struct Era {
    let limits: TurnLimits
    /// The longest that any entry computes between two places where it can stop, in nanoseconds.
    let block: UInt64
    /// The number of a hundred expectations that are wrong, or missing.
    let wrongPercent: Int
    let keys: Int
    let steps: Int
    let manners: [Customer.Manner]

    init(random: inout SeededRandom) {
        let quanta: [UInt64] = [200_000, 1_000_000, 4_000_000, 4_000_000]
        let quantum = quanta.randomElement(using: &random)
        let draw = Int.random(in: 0..<8, using: &random)
        limits = TurnLimits(
            maxClientRows: Int.random(in: 64...512, using: &random),
            maxBatchRows: Int.random(in: 1...64, using: &random),
            maxBatchDelay: draw < 2 ? UInt64.random(in: 100_000...2_000_000, using: &random) : 0,
            quantum: quantum ?? 4_000_000, maxRuns: draw == 7 ? 4 : 64,
            maxRunBytes: draw % 3 == 0 ? 4_000_000 : .max)
        block = limits.quantum * UInt64.random(in: 0...4, using: &random) / 2
        wrongPercent = Bool.random(using: &random) ? 0 : 30
        keys = Bool.random(using: &random) ? 1 : 3
        steps = Int.random(in: 1500...6000, using: &random)
        let kinds = Customer.Manner.allCases.shuffled(using: &random)
            .prefix(Int.random(in: 2...7, using: &random))
        let few = Bool.random(using: &random)
        let count = Int.random(in: few ? 2...5 : 2...30, using: &random)
        let greedy: [Customer.Manner] = [.dear, .mixed, .short]
        let most = Bool.random(using: &random) ? greedy.randomElement(using: &random) : nil
        manners = (0..<count).compactMap { place in
            place % 4 > 0 && most != nil ? most : kinds.randomElement(using: &random)
        }
    }

    /// The most that are in the round at once. One whose connection is gone stays until the round
    /// comes to it; before that its successors get half of the time of all others, twice their
    /// quanta, for at least half a quantum each.
    var clients: Int { manners.contains(.stranger) ? 5 * manners.count + 4 : manners.count }
}
