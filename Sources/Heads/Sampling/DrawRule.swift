internal import LogitKernels
internal import Predictions

/// A way to draw points of the standard normal distribution for a sampling head's noise. It has no
/// state: whatever a draw depends on is in its block.
protocol DrawRule: Sendable {
    /// The name that requests ask for and answers give; no two rules share one.
    var estimator: Estimator { get }

    /// The points of the smallest plan.
    var leastSampleCount: Int { get }

    /// The points for a request of `sampleCount`, from 1 to `maxSampleCount`, which is all that a
    /// request may have and at least `leastSampleCount`.
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
}

extension DrawRule {
    var leastSampleCount: Int { 1 }
    var usesPrincipalAxes: Bool { false }
}
