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

    /// The sampler of one row with features `features` (D) and latent noise `noise`.
    func sampler(
        _ path: SamplingPath, features: [Float], noise: LatentNoise, _ kernel: LogitKernel
    ) -> any LogitSampler {
        switch path {
        case .loadings: loadingSampler(features: features, noise: noise, kernel)
        case .latents: latentSampler(features: features, noise: noise, kernel)
        }
    }

    private func latentSampler(
        features: [Float], noise: LatentNoise, _ kernel: LogitKernel
    ) -> LatentSampler {
        let base: [Float]
        let projection: DenseLayer?
        switch space {
        case .features: (base, projection) = (features, location)
        case .logits: (base, projection) = (location.apply(features, rowCount: 1, kernel), nil)
        }
        return LatentSampler(
            mean: zip(base, noise.shift).map { $0 + $1 }, noise: noise,
            diagonalNoise: diagonalNoise, factorCount: factorCount, projection: projection,
            temperature: temperature)
    }

    /// m and A of science.md 1.3, tempered.
    private func loadingSampler(
        features: [Float], noise: LatentNoise, _ kernel: LogitKernel
    ) -> LoadingSampler {
        let columns = noise.loadings + noise.standardDeviation
        let location: [Float]
        let loadings: [Float]
        switch space {
        case .features:
            let mean = zip(features, noise.shift).map { $0 + $1 }
            location = self.location.apply(mean, rowCount: 1, kernel)
            loadings = DenseLayer(weights: self.location.weights, bias: nil)
                .apply(columns, rowCount: factorCount + 1, kernel)
        case .logits:
            let untempered = self.location.apply(features, rowCount: 1, kernel)
            location = zip(untempered, noise.shift).map { $0 + $1 }
            loadings = columns
        }
        return LoadingSampler(
            location: location.map { $0 / temperature },
            loadings: loadings.map { $0 / temperature },
            drawCount: factorCount + 1)
    }
}
