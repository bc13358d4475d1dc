internal import InferenceAPI
internal import Predictions

extension PredictParameters {
    /// The options of each row, but for its seed.
    ///
    /// - Parameters:
    ///   - labels: indices of the labels that are asked for by name or index.
    ///   - predictionSet: the rule of the coverage that is asked for.
    func rowOptions(
        _ head: HeadSummary, maxSampleCount: Int, labels: [Int],
        predictionSet: PredictionSetRule?
    ) -> RowOptions {
        var options = RowOptions(
            topK: listLength(head.output),
            sampleCount: sampleCount ?? head.defaultSampleCount ?? 1,
            maxSampleCount: maxSampleCount, seed: 0, estimator: estimator,
            wantsProbabilities: outputs.contains(.probabilities),
            minProbability: Float(minProbability ?? 0))
        addDetails(to: &options, labels: labels, predictionSet: predictionSet)
        return options
    }

    /// Touches the details for what is asked for alone: a plain request has none to be made.
    private func addDetails(
        to options: inout RowOptions, labels: [Int], predictionSet: PredictionSetRule?
    ) {
        if !labels.isEmpty { options.details.labels = labels }
        if let tolerance { options.details.tolerance = tolerance }
        if let certifyDelta { options.details.certifyDelta = certifyDelta }
        if outputs.contains(.quantiles) { options.details.quantileLevels = wantedLevels }
        if outputs.contains(.histogram) { options.details.wantsHistogram = true }
        if outputs.contains(.voteShare) { options.details.wantsVoteShare = true }
        if let predictionSet { options.details.predictionSet = predictionSet }
        if let abstainBelow { options.details.abstainBelow = Float(abstainBelow) }
    }

    /// Most labels that may be listed. No more than 1/p labels of one distribution have the
    /// probability p: whoever asks for all of them does not wait for a list of all labels, nor is
    /// refused because of its length.
    func listLength(_ output: OutputForm) -> Int {
        guard output == .distribution, let least = minProbability, least > 0 else { return topK }
        // Probabilities sum to one but for roundings, far below 2⁻²⁰.
        let most = ((1 + 0x1p-20) / least).rounded(.up)
        return most < Double(topK) ? Int(most) : topK
    }
}

extension ServedModel {
    /// The rule of the prediction set that is asked for; nil where none is.
    func predictionSetRule(
        for parameters: PredictParameters, _ fields: RequestFields
    ) throws(Refusal) -> PredictionSetRule? {
        guard let coverage = parameters.coverage else { return nil }
        guard let rule = predictionSetRule(coverage: coverage) else {
            throw .notCalibrated(fields.parameter("coverage"))
        }
        return rule
    }
}
