internal import HeapModule
internal import Predictions

/// A distribution of which all K ≥ 1 probabilities are at hand.
struct ListedDistribution: RankedDistribution {
    let probabilities: [Float]

    /// Labels one after the other from a heap of all: O(K) for the first, O(log K) for each.
    struct Ranking: IteratorProtocol {
        fileprivate var heap: Heap<RankedLabel<Float>>

        mutating func next() -> RankedLabel<Double>? {
            heap.popMax().map { RankedLabel(index: $0.index, value: Double($0.value)) }
        }
    }

    var best: RankedLabel<Double> {
        var best = RankedLabel(index: 0, value: probabilities[0])
        for (index, value) in probabilities.enumerated() where value > best.value {
            best = RankedLabel(index: index, value: value)
        }
        return RankedLabel(index: best.index, value: Double(best.value))
    }

    func probability(of label: Int) -> Double { Double(probabilities[label]) }

    /// By LAC only the labels that belong are ranked, one pass over all of them before that.
    func ranking(for rule: PredictionSetRule) -> Ranking {
        let isAlone = rule.method == .lac
        var labels: [RankedLabel<Float>] = []
        for (index, value) in probabilities.enumerated()
        where !isAlone || rule.admits(rule.lacScore(Double(value))) {
            labels.append(RankedLabel(index: index, value: value))
        }
        if labels.isEmpty {
            let best = best
            labels = [RankedLabel(index: best.index, value: probabilities[best.index])]
        }
        return Ranking(heap: Heap(labels))
    }

    /// Cost O(K), and a sort of the labels that rank before.
    func standing(of label: Int) -> LabelStanding {
        let own = RankedLabel(index: label, value: probabilities[label])
        var before: [RankedLabel<Float>] = []
        for (index, value) in probabilities.enumerated() where value >= own.value {
            let other = RankedLabel(index: index, value: value)
            if other > own { before.append(other) }
        }
        before.sort(by: >)
        var standing = LabelStanding()
        for other in before { standing.advance(to: Double(other.value)) }
        standing.advance(to: Double(own.value))
        return standing
    }
}
