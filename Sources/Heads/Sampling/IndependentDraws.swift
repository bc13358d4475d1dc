internal import LogitKernels
internal import Predictions

/// Plain Monte Carlo: every sample is an independent draw, so the error follows from the variance
/// of the samples. One replicate.
struct IndependentDraws: SamplingRule {
    var estimator: Estimator { .monteCarlo }
    var tracesMargins: Bool { true }

    func plan(sampleCount: Int, maxSampleCount: Int) -> SamplingPlan {
        SamplingPlan(samplesPerReplicate: sampleCount)
    }

    func fill(
        _ draws: inout MutableSpan<Float>, _ block: DrawBlock, from source: any NoiseSource,
        kernel: LogitKernel
    ) {
        source.fill(&draws, block, kernel: kernel)
    }

    /// Standard error s/√S; the interval is that of Student's t with S − 1 degrees of freedom a
    /// member. A single sample has no spread.
    func spreads(ofClasses classes: [Int], _ moments: EnsembleMoments) -> [SamplingSpread]? {
        guard moments.samplesPerMember > 1 else { return nil }
        let count = moments.sampleCount
        let quantile = StudentT.quantile975(
            degreesOfFreedom: count - count / moments.samplesPerMember)
        return classes.map { index in
            let variance = moments.variance(of: index)
            return SamplingSpread(
                mean: moments.means[index],
                standardError: (variance / Double(count)).squareRoot(), quantile: quantile,
                variance: variance)
        }
    }

    /// The error of the mean of the samples' differences, whose variance has the covariance in it.
    func differenceError(
        _ first: Int, _ second: Int, _ samples: RowSamples
    ) throws(RowSampler.Failure) -> Double? {
        guard samples.samplesPerMember > 1 else { return nil }
        var variance = samples.differenceVariance(of: first, second)
        if variance == nil { variance = try Self.tracedVariance(first, second, samples) }
        let count = samples.memberCount * samples.samplesPerMember
        return variance.map { ($0 / Double(count)).squareRoot() }
    }

    /// The mean of the members' variances of the difference, sample by sample.
    private static func tracedVariance(
        _ first: Int, _ second: Int, _ samples: RowSamples
    ) throws(RowSampler.Failure) -> Double {
        let (count, members) = (samples.samplesPerMember, samples.memberCount)
        let lists = try samples.trace([first, second])
        var sum = 0.0
        for member in 0..<members {
            let own = member * count..<(member + 1) * count
            sum += variance(of: own.map { Double(lists[0][$0]) - Double(lists[1][$0]) })
        }
        return sum / Double(members)
    }

    /// The unbiased variance of at least two numbers.
    private static func variance(of values: [Double]) -> Double {
        let mean = values.reduce(0, +) / Double(values.count)
        return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
    }

    /// The infinitesimal jackknife (Jaeckel, Bell Laboratories, 1972) over the draws: the entropy
    /// of a mean with an error is too small by half of its curvature times the error's variance.
    func predictiveEntropy(_ moments: EnsembleMoments, _ entropy: EntropyForm) -> Double {
        let means = moments.means
        guard moments.samplesPerMember > 1 else { return entropy.value(means) }
        let count = Double(moments.sampleCount)
        var bias = 0.0
        for (k, mean) in means.enumerated() {
            bias += entropy.curvature(mean) * moments.variance(of: k)
        }
        return entropy.value(means) + bias / count / 2
    }
}

extension SamplingSpread {
    /// The spread of a mean whose interval reaches `quantile` standard errors to either side.
    init(mean: Double, standardError: Double, quantile: Double, variance: Double) {
        let reach = quantile * standardError
        self.init(
            standardError: Float(standardError),
            interval: Float(max(0, mean - reach))...Float(min(1, mean + reach)),
            standardDeviation: Float(variance.squareRoot()))
    }
}
