internal import LogitKernels

/// The two ways to the same logits, and which is cheaper.
enum SamplingPath: Sendable {
    /// Through A, K×(R+1), built once a row: shared noise only.
    case loadings
    /// Through the latent space, sample by sample.
    case latents
}

extension HeteroscedasticWeights {
    /// The cheaper exact path for S samples, in multiply-adds a row (science.md 1.8). It depends
    /// on the model and on S alone, so that the same request always takes the same path.
    func cheaperPath(sampleCount: Int) -> SamplingPath {
        guard diagonalNoise == .shared else { return .latents }
        let (n, k, rank) = (Double(latentCount), Double(classCount), Double(factorCount + 1))
        let samples = Double(sampleCount)
        switch space {
        case .logits: return .loadings
        case .features:
            let throughLoadings = n * k * rank + samples * rank * k
            let throughLatents = samples * (rank * n + n * k)
            return throughLoadings <= throughLatents ? .loadings : .latents
        }
    }

    /// m and A of science.md 1.3 for one row with features `features` (D), tempered. Cost, for
    /// noise on the features, (R+2)·N·K: one product with the location weights.
    func noisyLogits(
        _ features: [Float], _ noise: LatentNoise, _ kernel: LogitKernel
    ) -> NoisyLogits {
        var columns = noise.columns
        switch space {
        case .features:
            for (feature, shift) in zip(features, noise.shift) { columns.append(feature + shift) }
            return kernel.noisyLogits(
                columns: columns, through: location, temperature: temperature)
        case .logits:
            let untempered = location.apply(features, rowCount: 1, kernel)
            for (logit, shift) in zip(untempered, noise.shift) { columns.append(logit + shift) }
            return kernel.noisyLogits(
                rows: columns.span, classCount: classCount, bias: nil, temperature: temperature,
                precision: location.weights.format.noisePrecision)
        }
    }

    /// The latent path of one row.
    func latentSampler(
        _ features: [Float], _ noise: LatentNoise, _ kernel: LogitKernel
    ) -> LatentSampler {
        let base: [Float]
        let projection: DenseLayer?
        switch space {
        case .features:
            base = features
            projection = DenseLayer(
                weights: location.weights, bias: location.bias?.map { $0 / temperature })
        case .logits:
            base = location.apply(features, rowCount: 1, kernel)
            projection = nil
        }
        return LatentSampler(
            mean: zip(base, noise.shift).map { ($0 + $1) / temperature },
            columns: noise.columns.map { $0 / temperature }, diagonalNoise: diagonalNoise,
            projection: projection)
    }
}

extension LogitKernel {
    fileprivate func noisyLogits(
        columns: [Float], through layer: DenseLayer, temperature: Float
    ) -> NoisyLogits {
        guard let bias = layer.bias else {
            return noisyLogits(
                columns: columns.span, through: layer.weights, bias: nil, temperature: temperature)
        }
        return noisyLogits(
            columns: columns.span, through: layer.weights, bias: bias.span,
            temperature: temperature)
    }
}
