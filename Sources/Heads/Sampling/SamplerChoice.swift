internal import LogitKernels
internal import Predictions

/// The ways to samples of logits of the same law.
enum SamplingPath: Sendable {
    /// Through A, K×(R+1), built once a row: shared noise only.
    case loadings
    /// Through the latent space, sample by sample.
    case latents
    /// Through a factor of the K×K covariance, built once a row: independent noise on features.
    case covariance
}

extension HeteroscedasticWeights {
    /// The cheapest exact path for S samples, or the one with axes for points that are to be laid
    /// along them. It depends on the model, the rule and S alone, so that the same request always
    /// takes the same path and the same draws.
    func cheapestPath(sampleCount: Int, hasAxes: Bool = false) -> SamplingPath {
        let cost = SamplingCost(self, sampleCount: sampleCount)
        switch (diagonalNoise, space) {
        case (.shared, .logits): return .loadings
        case (.shared, .features): return cost.loadings <= cost.latents ? .loadings : .latents
        case (.independent, .logits): return .latents
        case (.independent, .features):
            let isTurned = hasAxes && classCount <= PrincipalAxes.maxRank
            return isTurned || cost.covariance < cost.latents ? .covariance : .latents
        }
    }

    /// m and A of u = m + A ζ for row `row` of `features`, tempered. Cost, for
    /// noise on the features, (R+2)·N·K: one product with the location weights.
    func noisyLogits(
        _ features: FeatureRows, row: Int, _ noise: consuming LatentNoise, hasAxes: Bool,
        _ kernel: LogitKernel
    ) -> NoisyLogits {
        switch space {
        case .features:
            for (feature, shift) in zip(features.denseRow(row), noise.shift) {
                noise.columns.append(feature + shift)
            }
            return kernel.noisyLogits(
                columns: noise.columns, through: location, temperature: temperature,
                hasAxes: hasAxes)
        case .logits:
            let untempered = location.apply(features.only(row), kernel)
            for (logit, shift) in zip(untempered, noise.shift) {
                noise.columns.append(logit + shift)
            }
            return kernel.noisyLogits(
                rows: noise.columns.span, classCount: classCount, bias: nil,
                temperature: temperature,
                precision: location.weights.format.noisePrecision, hasAxes: hasAxes)
        }
    }

    /// The latent path of one row.
    func latentSampler(
        _ features: FeatureRows, row: Int, _ noise: LatentNoise, _ kernel: LogitKernel
    ) -> LatentSampler {
        let base: [Float]
        let projection: DenseLayer?
        switch space {
        case .features:
            base = features.denseRow(row)
            projection = DenseLayer(
                weights: location.weights, bias: location.bias?.map { $0 / temperature })
        case .logits:
            base = location.apply(features.only(row), kernel)
            projection = nil
        }
        return LatentSampler(
            mean: zip(base, noise.shift).map { ($0 + $1) / temperature },
            columns: noise.columns.map { $0 / temperature }, diagonalNoise: diagonalNoise,
            projection: projection)
    }
}

/// The cost of a row on each path, in multiply-adds of a product of large matrices.
private struct SamplingCost {
    /// A draw, a product of `rowScores` and a product in scalar doubles, as measured.
    private static let (draw, score, scalar) = (250.0, 5.0, 160.0)

    let loadings: Double
    let latents: Double
    let covariance: Double

    init(_ weights: HeteroscedasticWeights, sampleCount: Int) {
        let (s, k) = (Double(sampleCount), Double(weights.classCount))
        let (n, rank) = (Double(weights.latentCount), Double(weights.factorCount))
        let draws = Self.draw * s
        loadings = n * k * (rank + 1) + s * (rank + 1) * k + draws * (rank + 1)
        latents = s * (rank * n + n * k) + draws * Double(weights.drawCount)
        covariance =
            (rank + n) * n * k + Self.score * k * k * (rank + n) / 2
            + Self.scalar * k * k * k / 6 + s * k * k + draws * k
    }
}

extension LogitKernel {
    fileprivate func noisyLogits(
        columns: [Float], through layer: DenseLayer, temperature: Float, hasAxes: Bool
    ) -> NoisyLogits {
        guard let bias = layer.bias else {
            return noisyLogits(
                columns: columns.span, through: layer.weights, bias: nil, temperature: temperature,
                hasAxes: hasAxes)
        }
        return noisyLogits(
            columns: columns.span, through: layer.weights, bias: bias.span,
            temperature: temperature, hasAxes: hasAxes)
    }
}
