package import Predictions

/// A prediction that was asked for, checked as far as it can be without knowing the model.
package struct PredictRequest: Sendable {
    /// The model's name; nil asks for the server's first.
    package let model: String?
    package let parameters: PredictParameters
    /// At least one.
    package let rows: FeatureRows
    /// Writes the answer in the form that the request asks for.
    package let encoder: any AnswerEncoder
}

/// Parameters of a prediction: how it is made, and which parts of it are wanted.
package struct PredictParameters: Sendable, Equatable {
    /// Parts of an answer beside the leading labels.
    package enum Output: String, Sendable, CaseIterable {
        case probabilities
        case quantiles
    }

    /// Largest number of labels that are listed; 0 leaves the list out.
    package var topK = 5
    /// Draws, at least 1; nil leaves them to the model.
    package var sampleCount: Int?
    /// One seed for all instances, or one for each.
    package var seeds: [UInt64] = [0]
    package var estimator = EstimatorChoice.auto
    package var outputs: Set<Output> = []
    /// A standard error to reach, above 0.
    package var tolerance: Double?
    /// The least probability of a label that is listed, within 0...1.
    package var minProbability: Double?
    /// Labels whose probabilities are wanted, listed or not; at most `maxLabels`.
    package var labels: [LabelName] = []

    static let maxLabels = 10_000

    package init() {}

    /// The seed of one of the rows.
    package func seed(ofRow index: Int) -> UInt64 {
        seeds.count == 1 ? seeds[0] : seeds[index]
    }
}
