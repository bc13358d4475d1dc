internal import LogitKernels

/// Turns standard-normal draws into tempered logits of one row.
protocol LogitSampler: Sendable {
    /// Draws a sample takes.
    var drawCount: Int { get }

    /// `draws` is `sampleCount`×`drawCount`; `logits`, `sampleCount`×K, is overwritten. False when
    /// float32 overflowed on the way and the logits mean nothing.
    func fill(
        _ logits: inout MutableSpan<Float>, from draws: [Float], sampleCount: Int,
        _ kernel: LogitKernel
    ) -> Bool
}

/// Logits by the exact algebra of shared noise: u = m + A ζ with A of K×(R+1) (science.md 1.3).
/// Cost per sample (R+1)·K.
struct LoadingSampler: LogitSampler {
    /// m, [K], tempered.
    let location: [Float]
    /// Aᵀ, (R+1)×K row-major, tempered: the factors, then the diagonal column.
    let loadings: [Float]
    let drawCount: Int
    private let isSafe: Bool

    /// Draws stay below 7 in size, so with entries below this no sum of fewer than 10^7 terms
    /// leaves the range of float32.
    private static let largestEntry: Float = 1e30

    init(location: [Float], loadings: [Float], drawCount: Int) {
        self.location = location
        self.loadings = loadings
        self.drawCount = drawCount
        isSafe = [location, loadings].allSatisfy { values in
            values.allSatisfy { abs($0) < Self.largestEntry }
        }
    }

    func fill(
        _ logits: inout MutableSpan<Float>, from draws: [Float], sampleCount: Int,
        _ kernel: LogitKernel
    ) -> Bool {
        guard isSafe else { return false }
        kernel.affineLogits(
            location: location.span, loadings: loadings.span, rank: drawCount, draws: draws.span,
            sampleCount: sampleCount, into: &logits)
        return true
    }
}

/// Logits by way of the latent space, as the authors' code computes them: the noisy latents of
/// each sample, for HET-XL sent through the location weights. Cost per sample N·R, and K·D.
struct LatentSampler: LogitSampler {
    /// What the noise is added to, shift included: the features (HET-XL) or the logits (HET); [N].
    let mean: [Float]
    let noise: LatentNoise
    let diagonalNoise: DiagonalNoise
    let factorCount: Int
    /// The location layer the noisy features go through; nil for HET.
    let projection: DenseLayer?
    let temperature: Float

    private var latentCount: Int { mean.count }

    var drawCount: Int { factorCount + (diagonalNoise == .shared ? 1 : latentCount) }

    func fill(
        _ logits: inout MutableSpan<Float>, from draws: [Float], sampleCount: Int,
        _ kernel: LogitKernel
    ) -> Bool {
        let latents = noisyLatents(from: draws, sampleCount: sampleCount, kernel)
        let untempered = projection?.apply(latents, rowCount: sampleCount, kernel) ?? latents
        var isFinite = true
        for index in untempered.indices {
            logits[index] = untempered[index] / temperature
            isFinite = isFinite && logits[index].isFinite
        }
        return isFinite
    }

    /// mean + V z + (d z₀ or d ∘ e), `sampleCount`×N.
    private func noisyLatents(
        from draws: [Float], sampleCount: Int, _ kernel: LogitKernel
    ) -> [Float] {
        var latents = [Float](repeating: 0, count: sampleCount * latentCount)
        var span = latents.mutableSpan
        kernel.affineLogits(
            location: mean.span, loadings: noise.loadings.span, rank: factorCount,
            draws: factorDraws(draws, sampleCount: sampleCount).span, sampleCount: sampleCount,
            into: &span)
        for sample in 0..<sampleCount {
            let first = sample * drawCount + factorCount
            for index in 0..<latentCount {
                let draw = draws[diagonalNoise == .shared ? first : first + index]
                latents[sample * latentCount + index] += noise.standardDeviation[index] * draw
            }
        }
        return latents
    }

    private func factorDraws(_ draws: [Float], sampleCount: Int) -> [Float] {
        (0..<sampleCount).flatMap { draws[$0 * drawCount..<$0 * drawCount + factorCount] }
    }
}
