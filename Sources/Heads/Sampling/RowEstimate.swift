internal import LogitKernels
internal import Predictions

/// The estimate of one row's probabilities that its answer is made of.
struct RowEstimate {
    private enum Source {
        case samples(RowSamples, EnsembleMoments, any SamplingRule)
        case law(RowLaw, Quadrature)
    }

    private let source: Source
    let estimator: Estimator
    /// Samples drawn: 0 where the law is known.
    let sampleCount: Int
    /// Mean probabilities, per class.
    let means: [Double]
    /// Mean over the noise of the entropy, in nats.
    let expectedEntropy: Double
    /// The goal of the samples, and whether they reached it.
    let goal: SamplingGoal
    let hasReachedGoal: Bool

    /// An estimate from samples that `rule` drew.
    init(_ samples: RowSamples, by rule: any SamplingRule, hasReachedGoal: Bool) {
        let moments = samples.moments
        source = .samples(samples, moments, rule)
        estimator = rule.estimator
        sampleCount = samples.samplesPerMember
        (means, expectedEntropy) = (moments.means, moments.expectedEntropy)
        (goal, self.hasReachedGoal) = (samples.sampler.goal, hasReachedGoal)
    }

    /// A law that `quadrature` found.
    init(_ law: RowLaw, by quadrature: Quadrature) {
        source = .law(law, quadrature)
        (estimator, sampleCount) = (.quadrature, 0)
        (means, expectedEntropy) = (law.means, law.expectedEntropy)
        (goal, hasReachedGoal) = (.plan, true)
    }

    /// The entropy of the mean distribution, in nats.
    func predictiveEntropy(_ form: EntropyForm) -> Double {
        let entropy =
            switch source {
            case .samples(_, let moments, let rule): rule.predictiveEntropy(moments, form)
            case .law(let law, _): form.value(law.means)
            }
        return min(entropy, form.most(classCount: means.count))
    }

    /// The errors of the means of some classes, and their spread over the noise; nil where the
    /// samples cannot tell.
    func spreads(ofClasses classes: [Int]) -> [SamplingSpread]? {
        switch source {
        case .samples(_, let moments, let rule): rule.spreads(ofClasses: classes, moments)
        case .law(let law, _): classes.map(law.spread)
        }
    }

    /// The standard error of the difference of the means of two classes, or of one where there is
    /// no other: 0 where the law is known, nil where the samples cannot tell.
    func differenceError(
        _ first: Int, _ second: Int?
    ) throws(RowSampler.Failure) -> Double? {
        guard case .samples(let samples, let moments, let rule) = source else { return 0 }
        guard let second else {
            return rule.spreads(ofClasses: [first], moments).map { Double($0[0].standardError) }
        }
        return try rule.differenceError(first, second, samples)
    }

    /// The laws of the probabilities of some classes over the noise, as far as a row asks.
    func profiles(
        ofClasses classes: [Int], _ details: RowDetails
    ) throws(RowSampler.Failure) -> [NoiseProfile] {
        switch source {
        case .samples(let samples, _, _):
            try NoiseProfiles(details).profiles(ofClasses: classes, samples)
        case .law(_, let quadrature):
            try quadrature.profiles(ofClasses: classes, details)
        }
    }
}
