internal import LogitKernels
internal import Predictions

/// A way to estimate a mean over the noise: how points are drawn, how many a request gets, and how
/// far the estimate may be off. Each is a file of its own and a line of `SamplingRules`.
///
/// A row is sampled by the rule that its request chooses; rows of one batch may have different
/// ones. Rules have no state: whatever a draw depends on is in its block.
protocol SamplingRule: Sendable {
    /// The name that requests ask for and answers give; no two rules share one.
    var estimator: Estimator { get }

    /// The points for a request of `sampleCount`, from 1 to `maxSampleCount`, which is all that a
    /// request may have.
    func plan(sampleCount: Int, maxSampleCount: Int) -> SamplingPlan

    /// Whether the draws are to be laid along the principal axes of a row's noise, the first
    /// dimension along the first, where it has such.
    var usesPrincipalAxes: Bool { get }

    /// Fills `draws` (`block.sampleCount`×`block.dimensionCount`, row-major) with standard-normal
    /// numbers, as `NoiseSource.fill` does; `source` is where randomness comes from.
    ///
    /// A draw depends on the seed, the member, the replicate, the sample and the dimension only,
    /// and on the row where the source looks at it: never on how samples are cut into blocks.
    func fill(
        _ draws: inout MutableSpan<Float>, _ block: DrawBlock, from source: any NoiseSource,
        kernel: LogitKernel)

    /// The errors of the estimated means of some classes, and their spread over the noise, in the
    /// order of `classes`; nil where the points cannot tell.
    func spreads(ofClasses classes: [Int], _ moments: EnsembleMoments) -> [SamplingSpread]?

    /// The entropy of the mean distribution, in nats. `entropy` is that of given means: it is
    /// curved, so that it is too small on the average where the means have errors.
    func predictiveEntropy(_ moments: EnsembleMoments, _ entropy: ([Double]) -> Double) -> Double
}

extension SamplingRule {
    var usesPrincipalAxes: Bool { false }

    func predictiveEntropy(_ moments: EnsembleMoments, _ entropy: ([Double]) -> Double) -> Double {
        entropy(moments.means)
    }
}

/// The points that a rule draws for one row and member: replicates of equal size. Replicates are
/// estimates of the same mean that differ by their randomness alone, so the error of their mean
/// follows from how far they lie apart.
struct SamplingPlan: Sendable, Equatable {
    /// At least 1, at most `maxReplicates`.
    var replicateCount = 1
    /// Points of a replicate, at least 1.
    var samplesPerReplicate: Int

    /// Points in all, as the answer reports.
    var sampleCount: Int { replicateCount * samplesPerReplicate }

    /// Replicates that streams of draws have room for.
    static let maxReplicates = 16
}
