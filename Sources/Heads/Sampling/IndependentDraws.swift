internal import LogitKernels
internal import Predictions

/// Plain Monte Carlo: every sample is an independent draw, so the error follows from the variance
/// of the samples. One replicate.
struct IndependentDraws: SamplingRule {
    var estimator: Estimator { .monteCarlo }

    func plan(sampleCount: Int) -> SamplingPlan {
        SamplingPlan(samplesPerReplicate: sampleCount)
    }

    func fill(
        _ draws: inout MutableSpan<Float>, _ block: DrawBlock, from source: any NoiseSource,
        kernel: LogitKernel
    ) {
        source.fill(&draws, block, kernel: kernel)
    }

    /// Standard error s/√S; the interval is ±1.96 standard errors. A single sample has no spread.
    func spreads(ofClasses classes: [Int], _ moments: EnsembleMoments) -> [SamplingSpread]? {
        guard moments.samplesPerMember > 1 else { return nil }
        return classes.map { index in
            Self.spread(
                mean: moments.means[index], variance: moments.variance(of: index),
                sampleCount: moments.sampleCount)
        }
    }

    /// The spread of a mean over `sampleCount` draws with the given unbiased variance.
    static func spread(mean: Double, variance: Double, sampleCount: Int) -> SamplingSpread {
        let error = (variance / Double(sampleCount)).squareRoot()
        let reach = normalQuantile * error
        return SamplingSpread(
            standardError: Float(error),
            interval: Float(max(0, mean - reach))...Float(min(1, mean + reach)),
            standardDeviation: Float(variance.squareRoot()))
    }

    /// The 97.5 % quantile of the standard normal distribution.
    private static let normalQuantile = 1.959_963_984_540_054
}
