internal import LogitKernels

/// The law of the diagonal noise.
package enum DiagonalNoise: String, Sendable, CaseIterable {
    /// One scalar per sample, shared by all coordinates, as in the authors' JAX code.
    case shared
    /// One scalar per sample and coordinate: the paper's law.
    case independent
}

/// The space that the noise of a heteroscedastic head is added in.
enum NoiseSpace: Sendable {
    /// HET-XL: on the features (N = D), before the location weights.
    case features
    /// HET: on the logits (N = K).
    case logits
}

/// The layers that give a head's factor loadings V(x), N×R.
enum FactorLoadings: Sendable {
    /// R = 0.
    case none
    /// One dense layer with N·R outputs; output j·R + r is V[j, r], the factor index r fast.
    case full(DenseLayer)
    /// V[j, r] = s_j(x)·W_h[r, j], and the noise has the mean b_h ∘ s(x).
    case efficient(scale: DenseLayer, homoscedastic: [Float], shift: [Float])
}

/// The weights of one member of a HET or HET-XL head, as the authors' layers name them.
struct HeteroscedasticWeights: Sendable {
    /// D → K.
    let location: DenseLayer
    /// D → N; its outputs become d(x) by `deviation`.
    let diagonal: DenseLayer
    let loadings: FactorLoadings
    /// Rank R.
    let factorCount: Int
    let space: NoiseSpace
    let diagonalNoise: DiagonalNoise
    let deviation: DeviationLaw
    let temperature: Float

    var featureCount: Int { location.inputCount }
    var classCount: Int { location.outputCount }
    /// Latent width N.
    var latentCount: Int { diagonal.outputCount }

    /// Standard-normal draws a sample takes: the factors, then the diagonal noise.
    var drawCount: Int { factorCount + (diagonalNoise == .shared ? 1 : latentCount) }
}
