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

    /// `draws` is `sampleCount`×`drawCount`; the result is `sampleCount`×K. nil when float32
    /// overflowed on the way and the logits mean nothing.
    func logits(from draws: [Float], sampleCount: Int, _ kernel: LogitKernel) -> [Float]? {
        let latents = noisyLatents(from: draws, sampleCount: sampleCount, kernel)
        let logits = projection?.apply(latents, rowCount: sampleCount, kernel) ?? latents
        var check = FiniteCheck()
        check.check(logits.span)
        return check.firstFault == nil ? logits : nil
    }

    /// mean + V z + (d z₀ or d ∘ e), `sampleCount`×N.
    private func noisyLatents(
        from draws: [Float], sampleCount: Int, _ kernel: LogitKernel
    ) -> [Float] {
        var latents = [Float](repeating: 0, count: sampleCount * latentCount)
        var span = latents.mutableSpan
        kernel.affineLogits(
            location: mean.span,
            loadings: columns.span.extracting(first: factorCount * latentCount),
            rank: factorCount, draws: factorDraws(draws, sampleCount: sampleCount).span,
            sampleCount: sampleCount, into: &span)
        for sample in 0..<sampleCount {
            let first = sample * drawCount + factorCount
            for index in 0..<latentCount {
                let draw = draws[diagonalNoise == .shared ? first : first + index]
                let deviation = columns[factorCount * latentCount + index]
                latents[sample * latentCount + index] += deviation * draw
            }
        }
        return latents
    }

    private func factorDraws(_ draws: [Float], sampleCount: Int) -> [Float] {
        (0..<sampleCount).flatMap { draws[$0 * drawCount..<$0 * drawCount + factorCount] }
    }
}
