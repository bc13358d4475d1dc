package import Predictions

/// Parameters of a prediction: how it is made, and which parts of it are wanted.
package struct PredictParameters: Sendable, Equatable {
    /// Parts of an answer beside the leading labels.
    package enum Output: String, Sendable, CaseIterable {
        case probabilities
        case quantiles
        case voteShare = "vote_share"
        case histogram
    }

    /// Statements that an answer may be asked to prove.
    package enum Certificate: String, Sendable, CaseIterable {
        /// That the label listed first is the most likely one.
        case topOne = "top_1"
    }

    /// Largest number of labels that are listed; 0 leaves the list out.
    package var topK = 5
    /// Points, at least 1; nil leaves them to the model. With a tolerance or a certificate, the
    /// most that may be drawn.
    package var sampleCount: Int?
    /// One seed for all instances, or one for each.
    package var seeds: [UInt64] = [0]
    package var estimator = EstimatorChoice.auto
    /// A standard error to reach, above 0.
    package var tolerance: Double?
    package var certificate: Certificate?
    /// The error level of a certificate, in (0, 0.5]; nil for the default.
    package var delta: Double?
    package var outputs: Set<Output> = []
    /// Levels of quantiles, strictly increasing in (0, 1), at most `maxQuantileLevels`; nil for the
    /// default ones.
    package var quantileLevels: [Double]?
    /// Labels whose probabilities are wanted, listed or not; at most `maxLabels`.
    package var labels: [LabelName] = []
    /// The least probability of a label that is listed, within 0...1.
    package var minProbability: Double?
    /// The share of rows whose true label a prediction set is to hold, in (0, 1).
    package var coverage: Double?
    /// The probability below which the largest one makes the answer abstain, within 0...1.
    package var abstainBelow: Double?

    static let maxLabels = 10_000
    static let maxQuantileLevels = 32
    private static let usualLevels = [0.05, 0.5, 0.95]
    private static let usualDelta = 0.05

    package init() {}

    /// The seed of one of the rows.
    package func seed(ofRow index: Int) -> UInt64 {
        seeds.count == 1 ? seeds[0] : seeds[index]
    }

    /// The levels of the quantiles that are wanted; empty for none.
    package var wantedLevels: [Double] {
        outputs.contains(.quantiles) ? quantileLevels ?? Self.usualLevels : []
    }

    /// The error level of the certificate that is wanted; nil without one.
    package var certifyDelta: Double? { certificate.map { _ in delta ?? Self.usualDelta } }
}
