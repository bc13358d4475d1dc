internal import Glibc
internal import Predictions

/// Labels best first without a list of all.
extension ProductDistribution: RankedDistribution {
    struct Ranking: IteratorProtocol {
        fileprivate let distribution: ProductDistribution
        fileprivate var frontier: ProductFrontier

        mutating func next() -> RankedLabel<Double>? {
            frontier.next().map {
                RankedLabel(index: $0.index, value: exp(distribution.normalized($0.value)))
            }
        }
    }

    /// Labels that a set lists, and the one that tells whether there are more.
    private var rankedCount: Int { min(radix.classCount, PredictionSetRule.maxLabels + 1) }

    var best: RankedLabel<Double> {
        let best = top(1)[0]
        return RankedLabel(index: best.index, value: exp(best.value))
    }

    func probability(of label: Int) -> Double { exp(logProbability(of: label)) }

    func ranking(for rule: PredictionSetRule) -> Ranking { ranking() }

    private func ranking() -> Ranking {
        Ranking(
            distribution: self, frontier: ProductFrontier(self, count: rankedCount))
    }

    /// A label that a set could list is looked for in the ranking, so that its mass is the same sum
    /// as there; one that is ranked beyond is counted.
    func standing(of label: Int) -> LabelStanding {
        var ranking = ranking()
        var standing = LabelStanding()
        for _ in 0..<rankedCount {
            guard let next = ranking.next() else { break }
            standing.advance(to: next.value)
            if next.index == label { return standing }
        }
        return ProductCount(self, label: label).standing
    }
}
