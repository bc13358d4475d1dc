internal import Glibc

/// The evidence that differences in [−1, 1], drawn independently, have a mean above 0: the mean
/// wealth of nineteen gamblers who bet the shares λ = .05, .10, … .95 of what they have on each
/// difference D, and so have Π (1 + λD) (Waudby-Smith and Ramdas, 2024).
///
/// Where the mean is 0 or below, no wealth is expected to grow, and by Ville's inequality the
/// chance that it ever reaches c, however often it is looked at, is at most 1/c.
struct BettingEvidence: Sendable {
    // 20 lanes, of which the last one bets nothing and is not counted.
    private typealias Low = SIMD16<Double>
    private typealias High = SIMD4<Double>

    /// Factors that are multiplied before a logarithm is taken. They lie in [.05, 1.95], so 236 of
    /// them stay normal numbers: .05²³⁶ > 2⁻¹⁰²², 1.95²³⁶ < 2¹⁰²⁴.
    static let factorsAtOnce = 128
    private static let betCount = 19
    /// Bytes of `logs`, which are beside the others.
    static let logByteCount = betCount * MemoryLayout<Double>.stride
    private static let (low, high) = (
        Low((1...16).map { Double($0) / 20 }), High(0.85, 0.9, 0.95, 0)
    )

    private var products = (low: Low(repeating: 1), high: High(repeating: 1))
    private var factorCount = 0
    private var logs = [Double](repeating: 0, count: betCount)

    /// Adds a draw.
    mutating func add(_ difference: Double) {
        products.low *= 1 + Self.low * difference
        products.high *= 1 + Self.high * difference
        factorCount += 1
        if factorCount == Self.factorsAtOnce { takeLogs() }
    }

    private mutating func takeLogs() {
        for bet in 0..<Self.betCount { logs[bet] += log(product(bet)) }
        products = (Low(repeating: 1), High(repeating: 1))
        factorCount = 0
    }

    private func product(_ bet: Int) -> Double {
        bet < 16 ? products.low[bet] : products.high[bet - 16]
    }

    /// The logarithm of the mean wealth; 0 before the first draw.
    var logWealth: Double {
        let wealths = (0..<Self.betCount).map { logs[$0] + log(product($0)) }
        let largest = wealths.max() ?? 0
        let sum = wealths.reduce(0) { $0 + exp($1 - largest) }
        return largest + log(sum / Double(Self.betCount))
    }
}

extension BettingEvidence {
    private static let logBetCount = log(Double(betCount))

    /// A logarithm that the mean wealth of draws of p − q, both in [0, 1], has reached at least, by
    /// the sum of the differences and that of p² + q². It needs no draw, and is less than half of
    /// what the draws would tell.
    ///
    /// For x ≥ −.68, log(1 + x) ≥ x − x², and (p − q)² ≤ p² + q². So a gambler who bets λ ≤ .65 has
    /// λ Σ(p − q) − λ² Σ(p² + q²) or more, and the mean of all a nineteenth of the best one's.
    static func leastLogWealth(differences: Double, squares: Double) -> Double {
        guard squares > 0 else { return -logBetCount }
        let bet = min(max((10 * differences / squares).rounded(), 1), 13) / 20
        return bet * (differences - bet * squares) - logBetCount
    }
}
