internal import LogitKernels
internal import Predictions

/// Randomised quasi-Monte-Carlo: eight scrambles of 2ᵐ points, laid along the principal axes of the
/// noise. A scramble's mean is unbiased, and scrambles are independent, so the error of the mean of
/// all follows from how far they lie apart, whatever the points do within one.
///
/// Up to 16 points of a scramble, where all of them are drawn, are a net made for their number.
/// More are Sobol's, and so are those that a tolerance may add to: however many, one sequence.
///
/// Where the noise has more dimensions than there are directions, the rest is independent.
struct QuasiMonteCarlo: SamplingRule {
    /// Scrambles: with four, intervals are longer by a third; sixteen halve what a point is worth.
    static let scrambleCount = 8
    /// The 97.5 % quantile of Student's t with seven degrees of freedom.
    private static let quantile = StudentT.quantile975(degreesOfFreedom: scrambleCount - 1)

    var estimator: Estimator { .quasiMonteCarlo }
    var usesPrincipalAxes: Bool { true }

    /// Two points a scramble: a single one is not even.
    var leastSampleCount: Int { 2 * Self.scrambleCount }

    /// Rounds up to 8 · 2ᵐ, or to the largest of them within `maxSampleCount`.
    func plan(sampleCount: Int, maxSampleCount: Int) -> SamplingPlan {
        var points = 2
        while points * Self.scrambleCount < sampleCount { points *= 2 }
        while points > 2, points * Self.scrambleCount > maxSampleCount { points /= 2 }
        return SamplingPlan(
            replicateCount: Self.scrambleCount, samplesPerReplicate: points,
            hasOwnNet: NetDirections.net(pointCount: points) != nil)
    }

    func fill(
        _ draws: inout MutableSpan<Float>, _ block: DrawBlock, from source: any NoiseSource,
        kernel: LogitKernel
    ) {
        let dimensionCount = min(block.dimensionCount, NetDirections.maxDimensions)
        if dimensionCount < block.dimensionCount { source.fill(&draws, block, kernel: kernel) }
        let directions = block.netSampleCount.flatMap(NetDirections.net) ?? .sequence
        let net = ScrambledNet(
            directions, dimensionCount: dimensionCount,
            pointCount: block.firstSample + block.sampleCount,
            seed: block.seed, stream: UInt32(block.member * Self.scrambleCount + block.replicate),
            kernel: kernel)
        net.normals(
            first: block.firstSample, sampleCount: block.sampleCount,
            stride: block.dimensionCount, into: &draws, kernel)
    }

    func spreads(ofClasses classes: [Int], _ moments: EnsembleMoments) -> [SamplingSpread]? {
        classes.map { index in
            let mean = moments.means[index]
            let error = ReplicateError.ofMean(
                (0..<moments.replicateCount).map { moments.mean(ofReplicate: $0, index) })
            return SamplingSpread(
                mean: mean, standardError: error, quantile: Self.quantile,
                variance: moments.pooledVariance(of: index))
        }
    }

    /// The jackknife over the scrambles: the entropy of a mean with an error is too small by half
    /// of Σ Var(p̂_k) / p_k, and that of seven of eight scrambles by 8/7 of it.
    func predictiveEntropy(_ moments: EnsembleMoments, _ entropy: EntropyForm) -> Double {
        let count = Double(moments.replicateCount)
        let parts = (0..<moments.replicateCount).map { replicate in
            let own = moments.means(ofReplicate: replicate)
            return entropy.value(
                zip(moments.means, own).map { max(0, (count * $0 - $1) / (count - 1)) })
        }
        return count * entropy.value(moments.means) - (count - 1) * parts.reduce(0, +) / count
    }
}
