internal import LogitKernels
internal import Predictions

/// Points of equal probability on the one axis of noise that all logits share, in place of samples:
/// a share of them is off by no more than 1/`count` for each time that a probability turns.
struct LinePoints: DrawRule {
    static let count = 4096
    /// The middles of shares of equal probability.
    private static let points = (0..<count).map { index in
        Float(NormalQuantile.of((Double(index) + 0.5) / Double(count)))
    }

    var estimator: Estimator { .quadrature }

    func plan(sampleCount: Int, maxSampleCount: Int) -> SamplingPlan {
        SamplingPlan(samplesPerReplicate: Self.count)
    }

    func fill(
        _ draws: inout MutableSpan<Float>, _ block: DrawBlock, from source: any NoiseSource,
        kernel: LogitKernel
    ) {
        precondition(block.dimensionCount == 1, "not a line")
        for index in 0..<block.sampleCount {
            draws[index] = Self.points[block.firstSample + index]
        }
    }
}
