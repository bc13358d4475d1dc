internal import Predictions

/// The answers of a head to an author's rows.
struct GoldenAnswers {
    let head: any Head
    let context: ComputeContext
    /// Names the model in errors.
    let modelName: String

    var summary: HeadSummary { head.summary }

    /// Predicts some rows, none of which may overflow.
    func predict(
        _ golden: GoldenOutputs, rows: Range<Int>, _ options: RowOptions
    ) throws(ModelError) -> [Prediction] {
        let width = summary.inputCount
        let features = golden.features[rows.lowerBound * width..<rows.upperBound * width]
        return try head.answers(
            to: FeatureBatch(
                features: Array(features),
                options: [RowOptions](repeating: options, count: rows.count)),
            context, modelName: modelName)
    }

    /// The rows below `count` in pieces that are predicted at once: at most 32, fewer of so many
    /// classes that a row's runs take more than some 4 MiB.
    func pieces(of count: Int) -> [Range<Int>] {
        let size = min(32, max(4, (1 << 24) / (GoldenPlan.runCount * summary.classCount)))
        return stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
    }
}

extension Head {
    /// The predictions of a batch, none of which may overflow.
    func answers(
        to batch: FeatureBatch, _ context: ComputeContext, modelName: String
    ) throws(ModelError) -> [Prediction] {
        var answers: [Prediction] = []
        for outcome in predict(batch, context) {
            guard case .prediction(let prediction) = outcome else {
                throw .overflowingWeights(model: modelName)
            }
            answers.append(prediction)
        }
        return answers
    }
}
