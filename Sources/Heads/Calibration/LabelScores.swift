package import Predictions

/// A row without the score of its label.
package struct UnscoredRow: Error, Equatable {
    /// Its place in the batch.
    package let row: Int
    /// The reason; a prediction where the head gives no distribution over its labels.
    package let outcome: RowOutcome
}

extension Head {
    /// The conformal scores of one label a row, by the probabilities that answers with the same
    /// options have, beside these answers. Only for heads whose `summary.output` is
    /// `.distribution`. Costs the answers, for each row a pass over its K probabilities and, but
    /// for LAC, a sort of those above the label's; MHP visits at most `PredictionSetRule.maxLabels`
    /// labels and lists none.
    ///
    /// - Parameters:
    ///   - rows: B rows of width `summary.inputCount`.
    ///   - labels: B labels below K, the true ones.
    ///   - rule: the method; its threshold is of no use.
    ///   - sizedThresholds: thresholds of sets whose sizes are wanted too; nil is that of all.
    ///   - options: samples, seed and estimator of every row; what it asks to be listed is not.
    /// - Returns: one score and answer a row, in row order.
    package func scoredAnswers(
        of rows: FeatureRows, labels: [Int], by rule: PredictionSetRule,
        sizedThresholds: [Double?] = [], options: RowOptions, _ context: ComputeContext
    ) throws(UnscoredRow) -> [(score: LabelScore, answer: Prediction)] {
        var options = options
        (options.topK, options.wantsProbabilities) = (0, false)
        options.details = RowDetails()
        let rowOptions = labels.map { label in
            var own = options
            own.details.scored = LabelScoring(
                label: label, rule: rule, sizedThresholds: sizedThresholds)
            return own
        }
        let outcomes = predict(FeatureBatch(rows: rows, options: rowOptions), context)
        var scores: [(score: LabelScore, answer: Prediction)] = []
        for (row, outcome) in outcomes.enumerated() {
            guard case .prediction(let answer) = outcome, let score = answer.labelScore else {
                throw UnscoredRow(row: row, outcome: outcome)
            }
            scores.append((score, answer))
        }
        return scores
    }
}
