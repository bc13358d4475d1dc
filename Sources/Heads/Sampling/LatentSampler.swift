internal import LogitKernels

/// Tempered logits by way of the latent space, as the authors' code computes them: the noisy
/// latents of each sample, for HET-XL sent through the location weights. Cost per sample N·R, and
/// K·N. All latents are divided by the temperature before the weights see them.
struct LatentSampler: Sendable {
    /// The vector that the noise is added to, shift included: the features (HET-XL) or the logits
    /// (HET); [N].
    let mean: [Float]
    /// Vᵀ and then d, (R+1)×N.
    let columns: [Float]
    let diagonalNoise: DiagonalNoise
    /// The location layer the noisy features go through; nil for HET.
    let projection: DenseLayer?

    private var latentCount: Int { mean.count }
    private var factorCount: Int { columns.count / latentCount - 1 }

    /// Draws a sample takes.
    var drawCount: Int { factorCount + (diagonalNoise == .shared ? 1 : latentCount) }

    /// Samples of a block: so many that their logits, a mebibyte at most, stay in a core's cache
    /// while they are written, exponentiated and summed. Where the weights do not, and are read
    /// from memory for every block, as many as it takes for arithmetic to be what a block waits
    /// for, but no more than 8 MiB of logits where K lets eight samples be less.
    func blockSize(classCount: Int) -> Int {
        let weightCount = projection.map { $0.inputCount * $0.outputCount } ?? 0
        let maxLogits = weightCount <= Self.maxCachedWeights ? 1 << 18 : 1 << 21
        return min(max(maxLogits / classCount, 8), 96)
    }

    /// Weights that stay in the caches, beside the logits: 4 MiB of float32.
    private static let maxCachedWeights = 1 << 20

    /// Writes S×K logits for `draws`, S×`drawCount` with S = `sampleCount`. False when float32
    /// overflowed on the way and the logits mean nothing.
    func write(
        _ logits: inout MutableSpan<Float>, from draws: Span<Float>, sampleCount: Int,
        _ kernel: LogitKernel
    ) -> Bool {
        guard let projection else {
            writeLatents(&logits, from: draws, sampleCount: sampleCount, kernel)
            return areFinite(logits.span)
        }
        kernel.withScratch(count: sampleCount * latentCount) { latents in
            writeLatents(&latents, from: draws, sampleCount: sampleCount, kernel)
            projection.apply(latents.span, rowCount: sampleCount, kernel, into: &logits)
        }
        return areFinite(logits.span)
    }

    /// Writes mean + V z + (d z₀ or d ∘ e), S×N.
    private func writeLatents(
        _ latents: inout MutableSpan<Float>, from draws: Span<Float>, sampleCount: Int,
        _ kernel: LogitKernel
    ) {
        switch diagonalNoise {
        case .shared:
            kernel.affineLogits(
                location: mean.span, loadings: columns.span, rank: drawCount, draws: draws,
                sampleCount: sampleCount, into: &latents)
        case .independent:
            kernel.affineLogits(
                location: mean.span,
                loadings: columns.span.extracting(first: factorCount * latentCount),
                rank: factorCount, draws: factorDraws(draws, sampleCount: sampleCount).span,
                sampleCount: sampleCount, into: &latents)
            for sample in 0..<sampleCount {
                let first = sample * drawCount + factorCount
                for index in 0..<latentCount {
                    let deviation = columns[factorCount * latentCount + index]
                    latents[sample * latentCount + index] += deviation * draws[first + index]
                }
            }
        }
    }

    private func factorDraws(_ draws: Span<Float>, sampleCount: Int) -> [Float] {
        [Float](count: sampleCount * factorCount) { factors in
            for sample in 0..<sampleCount {
                for factor in 0..<factorCount {
                    factors[sample * factorCount + factor] = draws[sample * drawCount + factor]
                }
            }
        }
    }
}
