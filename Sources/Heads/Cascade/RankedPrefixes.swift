internal import LogitKernels

/// A code of some level with the product of its factors.
struct CascadePrefix {
    let code: Int
    let score: Double
}

/// The prefixes that a row keeps at one level, best first, ties to the lower code. The groups are
/// ranked only as far as they are visited.
struct RankedPrefixes {
    /// The number of prefixes.
    let count: Int
    private var ranked: [CascadePrefix]
    /// The logits of all groups; empty below the groups.
    private let logits: ArraySlice<Float>
    private let law: FactorLaw

    /// Groups that are ranked at first, and the factor by which their number then grows.
    private static let firstRankCount = 32
    private static let growth = 4

    /// The best `beam` groups.
    init(
        _ logits: ArraySlice<Float>, beam: Int, _ activation: HeadActivation, _ kernel: LogitKernel
    ) {
        count = min(beam, logits.count)
        ranked = []
        self.logits = logits
        law = activation.law(logits.span, kernel)
    }

    /// All prefixes of a list that is in order.
    init(_ ranked: [CascadePrefix]) {
        count = ranked.count
        self.ranked = ranked
        logits = []
        law = .sigmoid
    }

    /// The prefix of some rank below `count`.
    subscript(rank: Int) -> CascadePrefix {
        mutating get {
            if rank >= ranked.count {
                ranked = bestGroups(
                    max(rank + 1, Self.firstRankCount, ranked.count * Self.growth))
            }
            return ranked[rank]
        }
    }

    /// Cost O(C0), and the logarithm of `wanted` for each group that is among the best so far.
    private func bestGroups(_ wanted: Int) -> [CascadePrefix] {
        var best = BestCandidates<Float>(capacity: min(wanted, count))
        let logits = logits.span
        // In ascending order a group that only ties with the worst never enters.
        var worst = -Float.infinity
        for code in logits.indices where logits[code] > worst {
            best.insert(code, logits[code])
            worst = best.threshold ?? -.infinity
        }
        return best.sorted().map {
            CascadePrefix(code: $0.index, score: law.factor($0.value))
        }
    }
}
