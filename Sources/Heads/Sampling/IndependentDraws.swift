internal import LogitKernels
internal import Predictions

/// Plain Monte Carlo: every sample is an independent draw, so the error follows from the variance
/// of the samples. One replicate.
struct IndependentDraws: SamplingRule {
    var estimator: Estimator { .monteCarlo }

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
