internal import LogitKernels

/// The noise of one row in latent space: shift + V z + (d z₀ or d ∘ e), N wide.
struct LatentNoise: Sendable {
    /// Mean of the noise, [N]; zero but for parameter-efficient loadings, whose layers have biases.
    let shift: [Float]
    /// Vᵀ, R×N row-major: one row a factor.
    let loadings: [Float]
    /// d(x), [N], positive.
    let standardDeviation: [Float]
}

extension HeteroscedasticWeights {
    /// The noise of each row of `features` (B×D).
    func latentNoise(of features: [Float], rowCount: Int, _ kernel: LogitKernel) -> [LatentNoise] {
        let deviations = standardDeviations(of: features, rowCount: rowCount, kernel)
        let factors = factorOutputs(of: features, rowCount: rowCount, kernel)
        return (0..<rowCount).map { index in
            LatentNoise(
                shift: shift(of: index, factors), loadings: loadings(of: index, factors),
                standardDeviation: Array(row(index, of: deviations, width: latentCount)))
        }
    }

    /// d(x) by the `deviation` law from a = W_d x + b_d, B×N; NaN where float32 overflowed.
    private func standardDeviations(
        of features: [Float], rowCount: Int, _ kernel: LogitKernel
    ) -> [Float] {
        var values = diagonal.apply(features, rowCount: rowCount, kernel)
        Overflow.keep(in: &values) { kernel.softplus(&$0) }
        for index in values.indices {
            let value = deviation.isSquareRoot ? values[index].squareRoot() : values[index]
            values[index] = value + deviation.floor
        }
        return values
    }

    /// The outputs of the layer the loadings come from: B×N·R (full), B×N (efficient) or empty.
    private func factorOutputs(
        of features: [Float], rowCount: Int, _ kernel: LogitKernel
    ) -> [Float] {
        switch loadings {
        case .none: []
        case .full(let layer): layer.apply(features, rowCount: rowCount, kernel)
        case .efficient(let scale, _, _): scale.apply(features, rowCount: rowCount, kernel)
        }
    }

    private func shift(of index: Int, _ factors: [Float]) -> [Float] {
        guard case .efficient(_, _, let bias) = loadings else {
            return [Float](repeating: 0, count: latentCount)
        }
        return zip(row(index, of: factors, width: latentCount), bias).map { $0 * $1 }
    }

    private func loadings(of index: Int, _ factors: [Float]) -> [Float] {
        switch loadings {
        case .none:
            return []
        case .full:
            let width = latentCount * factorCount
            return transposed(row(index, of: factors, width: width))
        case .efficient(_, let homoscedastic, _):
            let scale = row(index, of: factors, width: latentCount)
            return (0..<factorCount).flatMap { factor in
                zip(scale, row(factor, of: homoscedastic, width: latentCount)).map { $0 * $1 }
            }
        }
    }

    /// V as the layer puts it out (N×R, r fast) → Vᵀ (R×N).
    private func transposed(_ values: ArraySlice<Float>) -> [Float] {
        (0..<factorCount).flatMap { factor in
            (0..<latentCount).map { values[values.startIndex + $0 * factorCount + factor] }
        }
    }
}
