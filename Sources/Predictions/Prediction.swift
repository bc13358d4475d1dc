/// The answer for one row.
package struct Prediction: Sendable, Equatable {
    /// The best labels, best first; ties go to the lower index.
    package var top: [Candidate]
    /// Whether there is a list, in which perhaps no label is likely enough to stand.
    package var hasList: Bool
    /// The labels that were asked for, in that order.
    package var named: [Candidate]
    package var uncertainty: Uncertainty?
    /// The labels that belong to the coverage asked for.
    package var set: PredictionSet?
    /// Whether the answer abstains, where the request says when.
    package var abstains: Bool?
    /// The score of the label that was asked for.
    package var labelScore: LabelScore?
    /// All K probabilities, where they were asked for.
    package var probabilities: [Float]?

    /// - Parameter hasList: nil for where a label is listed.
    package init(
        top: [Candidate], hasList: Bool? = nil, named: [Candidate] = [],
        uncertainty: Uncertainty? = nil, probabilities: [Float]? = nil
    ) {
        self.top = top
        self.hasList = hasList ?? !top.isEmpty
        self.named = named
        self.uncertainty = uncertainty
        self.probabilities = probabilities
    }
}

/// One label of an answer.
package struct Candidate: Sendable, Equatable {
    package var index: Int
    /// Probability of the label; nil where the head only ranks.
    package var probability: Float?
    /// Ranking score, or the cosine of an ArcFace head.
    package var score: Float?
    /// Error of `probability` and its spread over the noise; nil for heads without noise.
    package var spread: SamplingSpread?
    /// Nil for most labels, whose law nobody asks for.
    private var boxedProfile: Boxed<NoiseProfile>?

    package init(
        index: Int, probability: Float? = nil, score: Float? = nil,
        spread: SamplingSpread? = nil, profile: NoiseProfile? = nil
    ) {
        self.index = index
        self.probability = probability
        self.score = score
        self.spread = spread
        if let profile { boxedProfile = .of(profile) }
    }

    /// The law of the probability over the noise, as far as it was asked for.
    package var profile: NoiseProfile? {
        get { boxedProfile?.value }
        set { boxedProfile = newValue.map { .of($0) } }
    }
}

/// The law of one class probability over the noise. What was not asked for is empty or nil.
package struct NoiseProfile: Sendable, Hashable {
    /// Quantiles, in the order of `RowDetails.quantileLevels`.
    package var quantiles: [Float] = []
    /// The share of the noise under which the probability lies in each of `binCount` equal bins of
    /// [0, 1]; a bin's upper end belongs to the next one, but for 1.
    package var histogram: [Float] = []
    /// The share of the noise under which the label's logit is the largest; ties go to the lower
    /// index.
    package var voteShare: Float?

    package static let binCount = 20

    package init(quantiles: [Float] = [], histogram: [Float] = [], voteShare: Float? = nil) {
        self.quantiles = quantiles
        self.histogram = histogram
        self.voteShare = voteShare
    }
}

/// The sampling error of one probability, and its spread over the noise.
package struct SamplingSpread: Sendable, Equatable {
    /// Standard error of the estimate; shrinks with the number of samples.
    package var standardError: Float
    /// 95 % confidence interval of the estimate, within 0...1.
    package var interval: ClosedRange<Float>
    /// Standard deviation of the class probability over the noise; does not shrink.
    package var standardDeviation: Float

    package init(
        standardError: Float, interval: ClosedRange<Float>, standardDeviation: Float
    ) {
        self.standardError = standardError
        self.interval = interval
        self.standardDeviation = standardDeviation
    }
}

/// Uncertainty of an answer. Entropies are in nats.
package struct Uncertainty: Sendable, Equatable {
    /// Entropy of the mean distribution; for sigmoid links the sum over labels.
    package var predictiveEntropy: Double
    /// Mean over the noise of the entropy; nil for heads without noise.
    package var expectedEntropy: Double?
    /// Largest probability; nil for sigmoid links.
    package var maxProbability: Float?
    /// Difference of the two largest probabilities; nil for sigmoid links.
    package var margin: Float?
    /// Standard error of `margin`, 0 where it is exact; nil for sigmoid links, heads without noise
    /// and samples that cannot tell.
    package var marginStandardError: Float?
    /// Probability of all labels that `Prediction.top` does not list; nil for sigmoid links.
    package var residualProbability: Float?
    package var estimator: Estimator
    /// Samples drawn; nil for heads without noise.
    package var sampleCount: Int?
    package var seed: UInt64?
    /// Whether every listed probability is known within the tolerance; nil without one.
    package var isConverged: Bool?
    /// Whether the leader is proven at the request's level of error; nil where none was asked for.
    package var isCertified: Bool?

    /// Entropies that roundings have brought below 0, or the predictive one below the expected one,
    /// are raised to it: entropy is concave, and neither they nor their difference are negative.
    package init(
        predictiveEntropy: Double, expectedEntropy: Double? = nil, maxProbability: Float? = nil,
        margin: Float? = nil, residualProbability: Float? = nil, estimator: Estimator,
        sampleCount: Int? = nil, seed: UInt64? = nil
    ) {
        self.expectedEntropy = expectedEntropy.map(Self.raised)
        self.predictiveEntropy = max(Self.raised(predictiveEntropy), self.expectedEntropy ?? 0)
        self.maxProbability = maxProbability
        self.margin = margin
        self.residualProbability = residualProbability
        self.estimator = estimator
        self.sampleCount = sampleCount
        self.seed = seed
    }

    /// Zero for −0 too; what is not a number stays, to be found.
    private static func raised(_ entropy: Double) -> Double { entropy <= 0 ? 0 : entropy }

    /// The part of the entropy that the latent noise explains (label noise, by the model's
    /// construction).
    package var latentNoiseInformation: Double? {
        expectedEntropy.map { predictiveEntropy - $0 }
    }
}
