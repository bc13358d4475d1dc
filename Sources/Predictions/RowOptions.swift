/// Options of one row, from its request.
package struct RowOptions: Sendable, Hashable {
    /// Entries of `Prediction.top`; 0 leaves the list empty, more than K gives K.
    package var topK: Int
    /// Monte-Carlo samples S, at least 1; ignored by heads without noise.
    package var sampleCount: Int
    /// Samples that a row may have at most, where a rule takes more than were asked for.
    package var maxSampleCount: Int
    package var seed: UInt64
    /// The sampling rule; ignored by heads without noise.
    package var estimator: EstimatorChoice
    /// Whether `Prediction.probabilities` is wanted: K floats.
    package var wantsProbabilities: Bool
    /// The least probability of an entry of `Prediction.top`, in the precision of answers; ignored
    /// by heads that only rank.
    package var minProbability: Float
    /// Labels below K whose probabilities are wanted, in the answer's order; ignored by heads that
    /// only rank.
    package var labels: [Int]

    package init(
        topK: Int, sampleCount: Int, maxSampleCount: Int = .max, seed: UInt64,
        estimator: EstimatorChoice = .auto, wantsProbabilities: Bool, minProbability: Float = 0,
        labels: [Int] = []
    ) {
        self.topK = topK
        self.sampleCount = sampleCount
        self.maxSampleCount = maxSampleCount
        self.seed = seed
        self.estimator = estimator
        self.wantsProbabilities = wantsProbabilities
        self.minProbability = minProbability
        self.labels = labels
    }
}
