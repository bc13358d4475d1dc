internal import LogitKernels
internal import Predictions

/// The tempered logits of one row whose law is a matter of one variable: logit k is
/// means[k] + scales[k]·z with z standard normal. For softmax all classes share z; for sigmoid only
/// each label's own law counts, and scales are deviations.
struct NormalLogits: Sendable {
    let means: [Float]
    let scales: [Float]

    /// Whether all are below 1e30 in magnitude, as `NoisyLogits.isSafe` says of samples.
    var isSafe: Bool {
        means.allSatisfy { $0.magnitude < 1e30 } && scales.allSatisfy { $0.magnitude < 1e30 }
    }
}

extension HeteroscedasticWeights {
    /// Each label's own law, whatever the noise and its law are. Cost, for noise on the features:
    /// (R+2)·N·K as for samples, and one more reading of the weights where noise is independent.
    func labelLogits(
        _ features: FeatureRows, row: Int, _ noise: LatentNoise, _ kernel: LogitKernel
    ) -> NormalLogits {
        // On the logits both laws of the diagonal noise are one: a label has one draw of it.
        let isIndependent = space == .features && diagonalNoise == .independent
        let variances = isIndependent ? diagonalVariances(noise, kernel) : nil
        let columns = isIndependent ? noise.columns.dropLast(latentCount) : noise.columns[...]
        return normalLogits(features, row: row, noise.shift, columns, kernel) { rows in
            [Float](count: classCount) { scales in
                kernel.deviations(
                    rows: rows, variances: variances, scale: 1 / temperature, into: &scales)
            }
        }
    }

    /// The logits of a head whose only noise is the shared diagonal's.
    func lineLogits(
        _ features: FeatureRows, row: Int, _ noise: LatentNoise, _ kernel: LogitKernel
    ) -> NormalLogits {
        normalLogits(features, row: row, noise.shift, noise.columns[...], kernel) { rows in
            (0..<classCount).map { rows[$0] / temperature }
        }
    }

    /// The tempered means, and what `scales` makes of the untempered columns of A, rows of K.
    private func normalLogits(
        _ features: FeatureRows, row: Int, _ shift: [Float], _ columns: ArraySlice<Float>,
        _ kernel: LogitKernel, _ scales: (Span<Float>) -> [Float]
    ) -> NormalLogits {
        if space == .logits {
            let untempered = location.apply(features.only(row), kernel)
            let means = zip(untempered, shift).map { ($0 + $1) / temperature }
            return NormalLogits(means: means, scales: scales(Array(columns).span))
        }
        let inputs = columns + zip(features.denseRow(row), shift).map { $0 + $1 }
        let first = columns.count / latentCount * classCount
        return kernel.withLogitRows(columns: inputs.span, through: location.weights) { rows in
            let means = (0..<classCount).map { k in
                (rows[first + k] + (location.bias?[k] ?? 0)) / temperature
            }
            return NormalLogits(means: means, scales: scales(rows.extracting(first: first)))
        }
    }

    /// Σ_j w_kj² d_j², untempered, per class. Deviations are measured in units of the largest one,
    /// so that no square overflows.
    private func diagonalVariances(_ noise: LatentNoise, _ kernel: LogitKernel) -> [Double] {
        let deviations = noise.standardDeviation
        let unit = max(deviations.max() ?? 0, .leastNormalMagnitude)
        let factors = deviations.map { ($0 / unit) * ($0 / unit) }
        let square = Double(unit) * Double(unit)
        return kernel.squaredWeights(location.weights, factors: factors.span)
            .map { Double($0) * square }
    }
}
