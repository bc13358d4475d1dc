internal import Glibc

/// The answer for one row.
package struct Prediction: Sendable, Equatable {
    /// The best labels, best first; ties go to the lower index.
    package var top: [Candidate]
    package var uncertainty: Uncertainty?
    /// All K probabilities, where they were asked for.
    package var probabilities: [Float]?
}

/// One label of an answer.
package struct Candidate: Sendable, Equatable {
    package var index: Int
    /// Probability of the label; nil where the head only ranks.
    package var probability: Float?
    /// Ranking score, or the cosine of an ArcFace head.
    package var score: Float?
    /// How sure the sampling is of `probability`; nil where nothing was sampled.
    package var spread: SamplingSpread?
}

/// What the samples say of one probability.
package struct SamplingSpread: Sendable, Equatable {
    /// Standard error of the estimate; shrinks with the number of samples.
    package var standardError: Float
    /// 95 % confidence interval of the estimate, within 0...1.
    package var interval: ClosedRange<Float>
    /// Standard deviation of the class probability over the noise; does not shrink.
    package var standardDeviation: Float

    /// The spread of a mean over `sampleCount` draws with the given unbiased variance.
    package init(mean: Double, variance: Double, sampleCount: Int) {
        let error = (variance / Double(sampleCount)).squareRoot()
        let reach = Self.normalQuantile * error
        standardError = Float(error)
        interval = Float(max(0, mean - reach))...Float(min(1, mean + reach))
        standardDeviation = Float(variance.squareRoot())
    }

    /// The 97.5 % quantile of the standard normal distribution.
    private static let normalQuantile = 1.959_963_984_540_054
}

/// How an answer was computed.
package enum Estimator: String, Sendable {
    case exact
    case monteCarlo = "monte-carlo"
}

/// What an answer says of its own uncertainty. Entropies are in nats.
package struct Uncertainty: Sendable, Equatable {
    /// Entropy of the mean distribution; for sigmoid links the sum over labels.
    package var predictiveEntropy: Double
    /// Mean over the noise of the sample's entropy; nil where nothing was sampled.
    package var expectedEntropy: Double?
    /// Largest probability; nil for sigmoid links.
    package var maxProbability: Float?
    /// Difference of the two largest probabilities; nil for sigmoid links.
    package var margin: Float?
    package var estimator: Estimator
    /// Samples drawn; nil for heads without noise.
    package var sampleCount: Int?
    package var seed: UInt64?

    /// What the latent noise (label noise, by the model's construction) explains of the entropy.
    package var latentNoiseInformation: Double? {
        expectedEntropy.map { predictiveEntropy - $0 }
    }
}

/// Entropies of exact distributions, in nats.
enum Entropy {
    /// −Σ p ln p, with 0 ln 0 = 0.
    static func ofDistribution(_ probabilities: [Double]) -> Double {
        probabilities.reduce(0) { $0 + term($1) }
    }

    /// Σ of the binary entropies of independent labels.
    static func ofLabels(_ probabilities: [Double]) -> Double {
        probabilities.reduce(0) { $0 + term($1) + term(1 - $1) }
    }

    private static func term(_ probability: Double) -> Double {
        probability > 0 ? -probability * log(probability) : 0
    }
}
