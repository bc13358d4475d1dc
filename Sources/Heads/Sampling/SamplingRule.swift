internal import LogitKernels
internal import Predictions

/// A way to estimate a mean over the noise: how points are drawn, how many a request gets, and how
/// far the estimate may be off. Each is a file of its own and a line of `SamplingRules`.
///
/// A row is sampled by the rule that its request chooses; rows of one batch may have different
/// ones. Rules have no state: whatever a draw depends on is in its block.
protocol SamplingRule: DrawRule {
    /// The errors of the estimated means of some classes, and their spread over the noise, in the
    /// order of `classes`; nil where the points cannot tell.
    func spreads(ofClasses classes: [Int], _ moments: EnsembleMoments) -> [SamplingSpread]?

    /// The standard error of the difference of two classes' means; nil where the points cannot
    /// tell.
    func differenceError(
        _ first: Int, _ second: Int, _ samples: RowSamples
    ) throws(RowSampler.Failure) -> Double?

    /// Whether `differenceError` looks at the two classes in each sample.
    var tracesMargins: Bool { get }

    /// The entropy of the mean distribution, in nats. Entropy is curved, so that it is too small
    /// on the average where the means have errors.
    func predictiveEntropy(_ moments: EnsembleMoments, _ entropy: EntropyForm) -> Double
}

extension SamplingRule {
    var tracesMargins: Bool { false }

    func differenceError(
        _ first: Int, _ second: Int, _ samples: RowSamples
    ) throws(RowSampler.Failure) -> Double? {
        let moments = samples.moments
        guard moments.replicateCount > 1 else { return nil }
        return ReplicateError.ofMean(
            (0..<moments.replicateCount).map {
                moments.mean(ofReplicate: $0, first) - moments.mean(ofReplicate: $0, second)
            })
    }

    func predictiveEntropy(_ moments: EnsembleMoments, _ entropy: EntropyForm) -> Double {
        entropy.value(moments.means)
    }
}
