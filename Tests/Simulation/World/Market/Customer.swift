import Batching
import Fixtures

/// A client of the queue that has no connection, and how it behaves.
struct Customer {
    enum Manner: CaseIterable {
        /// Has as much of the dearest waiting as it may, without end.
        case dear
        /// The same with entries from a microsecond to as much, which is more than a second where
        /// a quantum is as long as the server's.
        case mixed
        /// The same with short entries that may run with those of others.
        case short
        /// Sends one short entry at a time, and thinks before the next.
        case polite
        /// Sends about a quantum's worth again as soon as it has its answer.
        case hopper
        /// The same, each time over a new connection.
        case stranger
        /// Has deadlines that are hard to keep, and takes entries back.
        case hasty
    }

    let manner: Manner
    /// Entries that it has in the queue or in progress at once.
    let depth: Int
    /// Nanoseconds of a short entry.
    let shortCost: UInt64
    let block: UInt64
    let key: Int
    /// Its connection, as the queue knows it.
    var number: Int
    var open = 0
    /// The entries that wait, as far as it knows, in order.
    var tickets: [(name: UInt64, ticket: Ticket)] = []
    /// When it sends again; never, if it waits for an answer.
    var nextSubmission: UInt64 = 0

    var isShortOnly: Bool { manner == .short || manner == .polite }

    init(
        _ manner: Manner, number: Int, era: Era, random: inout SeededRandom
    ) {
        self.manner = manner
        self.number = number
        depth =
            switch manner {
            case .dear: Int.random(in: 2...4, using: &random)
            case .mixed, .hasty: Int.random(in: 2...8, using: &random)
            case .short: Int.random(in: 6...16, using: &random)
            case .polite, .hopper, .stranger: 1
            }
        let most = manner == .polite ? era.limits.quantum / 4 : era.limits.quantum
        shortCost = random.logUniform(1000, max(1001, most))
        block = [0, era.block / 4, era.block].randomElement(using: &random) ?? 0
        key = Int.random(in: 0..<era.keys, using: &random)
    }

    /// Nanoseconds of its next entry.
    func cost(_ era: Era, random: inout SeededRandom) -> UInt64 {
        let quantum = era.limits.quantum
        switch manner {
        case .dear: return random.logUniform(12 * quantum, 375 * quantum)
        case .mixed, .hasty: return random.logUniform(1000, 375 * quantum)
        case .short, .polite:
            return max(1, shortCost - UInt64.random(in: 0...shortCost / 4, using: &random))
        case .hopper, .stranger:
            return UInt64.random(in: quantum / 2...quantum + quantum / 4, using: &random)
        }
    }

    /// The rows of its next entry. All that it has at once fits into its share of the queue,
    /// unless it is hasty.
    func rows(_ count: Int, of limit: Int) -> Int {
        manner == .hasty ? min(count, limit) : max(1, min(count, limit / depth))
    }

    /// The cost as the queue is told, which knows it, or something near, or nothing.
    func expected(_ cost: UInt64, _ era: Era, random: inout SeededRandom) -> UInt64? {
        let draw = Int.random(in: 0..<100, using: &random)
        guard draw < era.wrongPercent else { return cost }
        if draw % 3 == 0, manner != .polite { return nil }
        let factor = random.logUniform(1, 1000)
        return draw % 3 == 1 ? max(1, cost / factor) : cost * factor
    }

    /// Nanoseconds between an answer and the next entry.
    func pause(_ era: Era, random: inout SeededRandom) -> UInt64 {
        switch manner {
        case .dear, .mixed, .short, .stranger: return 0
        case .hasty: return UInt64.random(in: 0...20_000_000, using: &random)
        case .polite: return random.logUniform(1000, 200_000_000)
        case .hopper:
            return Bool.random(using: &random)
                ? 0 : UInt64.random(in: 0...4 * era.limits.quantum, using: &random)
        }
    }
}

extension SeededRandom {
    /// A number whose logarithm is uniform.
    mutating func logUniform(_ least: UInt64, _ most: UInt64) -> UInt64 {
        var high = least
        // Each octave is as likely as any other; the last one is cut.
        var octaves: [ClosedRange<UInt64>] = []
        while high < most {
            octaves.append(high...min(most, 2 * high - 1))
            high *= 2
        }
        guard let octave = octaves.randomElement(using: &self) else { return least }
        return UInt64.random(in: octave, using: &self)
    }
}
