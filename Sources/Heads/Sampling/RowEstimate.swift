internal import Predictions

/// The estimate of one row's probabilities that its answer is made of.
struct RowEstimate: Sendable {
    private enum Source {
        case samples(EnsembleMoments, any SamplingRule)
        case law(RowLaw)
    }

    private let source: Source
    let estimator: Estimator
    /// Samples drawn: 0 where the law is known.
    let sampleCount: Int
    /// Mean probabilities, per class.
    let means: [Double]
    /// Mean over the noise of the entropy, in nats.
    let expectedEntropy: Double

    /// An estimate from the samples that `sampler` drew.
    init(_ moments: EnsembleMoments, _ sampler: RowSampler) {
        source = .samples(moments, sampler.rule)
        (estimator, sampleCount) = (sampler.rule.estimator, sampler.plan.sampleCount)
        (means, expectedEntropy) = (moments.means, moments.expectedEntropy)
    }

    /// A law by quadrature.
    init(_ law: RowLaw) {
        source = .law(law)
        (estimator, sampleCount) = (.quadrature, 0)
        (means, expectedEntropy) = (law.means, law.expectedEntropy)
    }

    /// The entropy of the mean distribution, where `entropy` is that of given means.
    func predictiveEntropy(_ entropy: ([Double]) -> Double) -> Double {
        switch source {
        case .samples(let moments, let rule): rule.predictiveEntropy(moments, entropy)
        case .law(let law): entropy(law.means)
        }
    }

    /// The errors of the means of some classes, and their spread over the noise; nil where the
    /// samples cannot tell.
    func spreads(ofClasses classes: [Int]) -> [SamplingSpread]? {
        switch source {
        case .samples(let moments, let rule): rule.spreads(ofClasses: classes, moments)
        case .law(let law): classes.map(law.spread)
        }
    }
}
