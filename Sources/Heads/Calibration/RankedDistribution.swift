internal import Predictions

/// One distribution over all labels of a row, with the ranking of the row's answer.
///
/// Probabilities are the head's own, converted to double: those of the answer where the head
/// computes them in float32, and doubles, which the answer rounds, where it multiplies digits'
/// probabilities. Calibration and sets both read them here, so that a label on the threshold is
/// judged by the number that the calibration saw.
protocol RankedDistribution {
    associatedtype Ranking: IteratorProtocol<RankedLabel<Double>>

    /// The most likely label.
    var best: RankedLabel<Double> { get }

    func probability(of label: Int) -> Double

    /// Labels with their probabilities, best first: all that the rule may admit, and at least one;
    /// of more than a set lists, perhaps only the first of the others.
    func ranking(for rule: PredictionSetRule) -> Ranking

    /// The place of a label, its mass the sum that the ranking gives, term by term.
    func standing(of label: Int) -> LabelStanding
}

extension RankedDistribution {
    /// The labels that belong, best first; the best one alone where none does.
    func predictionSet(_ rule: PredictionSetRule) -> PredictionSet {
        var set = PredictionSet(labels: [], rule: rule, isComplete: true)
        var ranking = ranking(for: rule)
        var standing = LabelStanding()
        while let label = ranking.next() {
            standing.advance(to: label.value)
            guard set.labels.isEmpty || rule.admits(rule.score(standing)) else { break }
            guard set.labels.count < PredictionSetRule.maxLabels else {
                set.isComplete = false
                break
            }
            set.labels.append(Candidate(index: label.index, probability: Float(label.value)))
        }
        return set
    }

    /// The score of a label below K.
    func score(_ scoring: LabelScoring) -> LabelScore {
        let (rule, label) = (scoring.rule, scoring.label)
        let (best, probability) = (best, probability(of: label))
        return LabelScore(
            score: rule.method == .lac
                ? rule.lacScore(probability) : rule.score(standing(of: label)),
            probability: probability, isBest: best.index == label, maxProbability: best.value,
            setSizes: scoring.sizedThresholds.map { threshold in
                var sized = rule
                sized.threshold = threshold
                return predictionSet(sized).labels.count
            })
    }
}

extension Prediction {
    /// Adds what a row asks of its distribution, which is made only where it is needed.
    mutating func decide<Distribution: RankedDistribution>(
        _ options: RowOptions, _ distribution: () -> Distribution
    ) {
        guard options.hasDetails else { return }
        let details = options.details
        if let limit = details.abstainBelow, let most = uncertainty?.maxProbability {
            abstains = most < limit
        }
        guard details.predictionSet != nil || details.scored != nil else { return }
        let distribution = distribution()
        set = details.predictionSet.map { distribution.predictionSet($0) }
        labelScore = details.scored.map { distribution.score($0) }
    }
}
