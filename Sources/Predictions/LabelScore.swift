/// A label of a row whose conformal score is wanted: the true one, while calibrating.
package struct LabelScoring: Sendable, Hashable {
    /// Below K.
    package var label: Int
    /// The rule whose method scores; its coverage and threshold are of no use here.
    package var rule: PredictionSetRule
    /// Thresholds, as in a rule, of sets whose sizes are wanted.
    package var sizedThresholds: [Double?]

    package init(label: Int, rule: PredictionSetRule, sizedThresholds: [Double?] = []) {
        self.label = label
        self.rule = rule
        self.sizedThresholds = sizedThresholds
    }
}

/// The conformal score of a row's label, and what else a calibration counts of the row.
package struct LabelScore: Sendable, Equatable {
    /// By the method of the rule; the label belongs to a set where it is at most the threshold.
    package var score: Double
    /// Probability of the label, as the head has it before an answer rounds it; may be 0.
    package var probability: Double
    /// Whether no label ranks before it.
    package var isBest: Bool
    /// The largest probability of the row, in the same precision.
    package var maxProbability: Double
    /// Labels that the set of each sized threshold lists, `PredictionSetRule.maxLabels` at most.
    package var setSizes: [Int]

    package init(
        score: Double, probability: Double, isBest: Bool, maxProbability: Double,
        setSizes: [Int] = []
    ) {
        self.score = score
        self.probability = probability
        self.isBest = isBest
        self.maxProbability = maxProbability
        self.setSizes = setSizes
    }
}
