internal import Heads
internal import InferenceAPI
internal import Predictions

/// Refuses parameters that the answers of a head cannot follow.
enum Availability {
    static func check(
        _ parameters: PredictParameters, _ fields: RequestFields, _ head: HeadSummary
    ) throws(Refusal) {
        switch head.output {
        case .scores: try checkScores(parameters, fields)
        case .labelProbabilities: try checkLabels(parameters, fields)
        case .distribution: break
        }
        if head.defaultSampleCount == nil { try checkNoise(parameters, fields) }
    }

    /// A head that only ranks has no probabilities that anything could be said of.
    private static func checkScores(
        _ parameters: PredictParameters, _ fields: RequestFields
    ) throws(Refusal) {
        if !parameters.outputs.isEmpty { throw .scoresOnly(fields.parameter("outputs")) }
        let asked = [
            ("tolerance", parameters.tolerance != nil),
            ("certify", parameters.certificate != nil), ("labels", !parameters.labels.isEmpty),
            ("min_probability", parameters.minProbability != nil),
            ("coverage", parameters.coverage != nil),
            ("abstain_below", parameters.abstainBelow != nil),
        ]
        if let (name, _) = asked.first(where: \.1) { throw .scoresOnly(fields.parameter(name)) }
    }

    /// Labels with a probability of its own each are no alternatives.
    private static func checkLabels(
        _ parameters: PredictParameters, _ fields: RequestFields
    ) throws(Refusal) {
        let reason = "each label of this model has a probability of its own; leave it out"
        if parameters.outputs.contains(.voteShare) {
            throw .notAvailable(
                "the output 'vote_share'", fields.parameter("outputs"), because: reason)
        }
        if parameters.coverage != nil {
            throw .notAvailable(
                "a prediction set", fields.parameter("coverage"), because: reason)
        }
        if parameters.abstainBelow != nil {
            throw .notAvailable(
                "an abstention", fields.parameter("abstain_below"), because: reason)
        }
    }

    private static func checkNoise(
        _ parameters: PredictParameters, _ fields: RequestFields
    ) throws(Refusal) {
        guard !parameters.outputs.isEmpty, let output = parameters.firstProfile else { return }
        throw .notAvailable(
            "the output '\(output.rawValue)'", fields.parameter("outputs"),
            because: "this model has no noise that a probability could vary with; leave it out")
    }
}

extension Availability {
    /// Refuses a rule that takes more samples than the server allows, however few are asked for.
    static func check(
        _ estimator: EstimatorChoice, _ fields: RequestFields, maxSamples: Int
    ) throws(Refusal) {
        let least = estimator.leastSampleCount
        guard least > maxSamples else { return }
        throw .tooManySamples(
            estimator, least: least, limit: maxSamples, fields.parameter("estimator"))
    }
}

extension PredictParameters {
    /// The first output, in the order of the names, that tells of the noise's law.
    fileprivate var firstProfile: Output? {
        Output.allCases.first { $0 != .probabilities && outputs.contains($0) }
    }
}
