import Batching
import Fixtures
import HTTPMessages

/// A prediction in the queue, or in progress.
struct Job: Sendable {
    /// The most nanoseconds that any computes between two places where it can stop.
    static let longestBlock: UInt64 = 500_000

    let name: UInt64
    let rows: Int
    /// The model's generation, which a reload changes.
    let key: Int
    let connection: Int
    let request: RequestID
    let deadline: UInt64

    /// The entry of the queue. It takes a microsecond to a second; what is known of that may be
    /// nothing, or wrong.
    func piece(now: UInt64, random: inout SeededRandom) -> Piece {
        // Such dear ones that they take all of the time are rare.
        let isDear = Int.random(in: 0..<200, using: &random) == 0
        let cost = random.logUniform(1000, isDear ? 1_000_000_000 : 4_000_000)
        let draw = Int.random(in: 0..<10, using: &random)
        let expected =
            draw == 0 ? nil : draw == 1 ? cost / 100 + 1 : draw == 2 ? cost * 10 : cost
        return Piece(
            name: name, client: connection, key: key,
            size: EntrySize(
                rows: rows, expected: expected, bytes: Int.random(in: 0...2000, using: &random)),
            deadline: deadline, admission: now, cost: cost,
            block: UInt64.random(in: 0...Self.longestBlock, using: &random))
    }
}
