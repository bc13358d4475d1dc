internal import LogitKernels
internal import Predictions

/// The noise of one row in latent space: shift + V z + (d z₀ or d ∘ e), N wide.
struct LatentNoise: Sendable {
    /// Mean of the noise, [N]; zero but for parameter-efficient loadings, whose layers have biases.
    let shift: [Float]
    /// Vᵀ and then d(x), which is positive: (R+1)×N row-major, one row a factor.
    var columns: [Float]

    var standardDeviation: ArraySlice<Float> { columns.suffix(shift.count) }
}

/// The outputs of the noise's layers for a batch.
struct NoiseOutputs: Sendable {
    /// d(x), B×N; NaN where float32 overflowed.
    fileprivate let deviations: [Float]
    /// The outputs of the layer the loadings come from: B×N·R (full), B×N (efficient) or empty.
    fileprivate let factors: [Float]
}

extension HeteroscedasticWeights {
    /// Runs the layers of the noise over `features` (B rows of D): two products for the whole
    /// batch.
    func noiseOutputs(
        of features: FeatureRows, _ kernel: LogitKernel
    ) -> NoiseOutputs {
        NoiseOutputs(
            deviations: standardDeviations(of: features, kernel),
            factors: factorOutputs(of: features, kernel))
    }

    /// The noise of row `index`. About N·R moves.
    func latentNoise(_ outputs: NoiseOutputs, row index: Int) -> LatentNoise {
        var columns: [Float] = []
        columns.reserveCapacity((factorCount + 2) * latentCount)
        appendLoadings(of: index, outputs.factors, to: &columns)
        columns += outputs.deviations.matrixRow(index, width: latentCount)
        return LatentNoise(shift: shift(of: index, outputs.factors), columns: columns)
    }

    /// d(x) by the `deviation` law from a = W_d x + b_d, B×N; NaN where float32 overflowed.
    private func standardDeviations(
        of features: FeatureRows, _ kernel: LogitKernel
    ) -> [Float] {
        var values = diagonal.apply(features, kernel)
        Overflow.keep(in: &values) { kernel.softplus(&$0) }
        for index in values.indices {
            let value = deviation.isSquareRoot ? values[index].squareRoot() : values[index]
            values[index] = value + deviation.floor
        }
        return values
    }

    private func factorOutputs(
        of features: FeatureRows, _ kernel: LogitKernel
    ) -> [Float] {
        switch loadings {
        case .none: []
        case .full(let layer): layer.apply(features, kernel)
        case .efficient(let scale, _, _): scale.apply(features, kernel)
        }
    }

    private func shift(of index: Int, _ factors: [Float]) -> [Float] {
        guard case .efficient(_, _, let bias) = loadings else {
            return [Float](repeating: 0, count: latentCount)
        }
        return zip(factors.matrixRow(index, width: latentCount), bias).map { $0 * $1 }
    }

    /// Appends Vᵀ. The output of the full layer is V (N×R, r fast), which is transposed on the way.
    private func appendLoadings(of index: Int, _ factors: [Float], to columns: inout [Float]) {
        switch loadings {
        case .none:
            break
        case .full:
            let first = index * latentCount * factorCount
            for factor in 0..<factorCount {
                for latent in 0..<latentCount {
                    columns.append(factors[first + latent * factorCount + factor])
                }
            }
        case .efficient(_, let homoscedastic, _):
            let first = index * latentCount
            for factor in 0..<factorCount {
                for latent in 0..<latentCount {
                    columns.append(
                        factors[first + latent] * homoscedastic[factor * latentCount + latent])
                }
            }
        }
    }
}
