import Heads
import Predictions

extension Head {
    /// The scores of `scoredAnswers`.
    func labelScores(
        of rows: FeatureRows, labels: [Int], by rule: PredictionSetRule,
        sizedThresholds: [Double?] = [], options: RowOptions, _ context: ComputeContext
    ) throws(UnscoredRow) -> [LabelScore] {
        try scoredAnswers(
            of: rows, labels: labels, by: rule, sizedThresholds: sizedThresholds,
            options: options, context
        ).map(\.score)
    }
}
