internal import Predictions

/// Standard deviation of the diagonal noise, from the output a of the diagonal layer:
/// softplus(a), or its square root, plus a floor.
struct DeviationLaw: Sendable, Equatable {
    let isSquareRoot: Bool
    let floor: Float

    /// edward2 (MIN_SCALE_MONTE_CARLO) and untangle.
    static let floored = DeviationLaw(isSquareRoot: false, floor: 1e-3)
    /// url, whose layer puts out a variance.
    static let root = DeviationLaw(isSquareRoot: true, floor: 0)
}

/// Where an implementation keeps the temperature τ.
enum TemperatureLaw: Sendable, Equatable {
    /// Nowhere: `model.json` says `temperature`.
    case manifest
    /// τ = lo + (hi − lo)·σ(t) with t in this tensor of shape [1]; `model.json` says the bounds.
    case bounded(tensor: String)
    /// τ = softplus(t) with t in this scalar tensor.
    case softplus(tensor: String)
}

/// How sure the link of a head is without `model.json`.
enum LinkRule: Sendable, Equatable {
    /// The implementation or the head's name allows no other.
    case fixed(Link)
    /// What the implementation does unless `model.json` says otherwise.
    case usual(Link)
    /// `model.json` must say.
    case required
}

/// What one implementation computes from its weights.
struct HeteroscedasticLaw: Sendable, Equatable {
    /// Unless `model.json` says otherwise.
    let diagonalNoise: DiagonalNoise
    let deviation: DeviationLaw
    let temperature: TemperatureLaw
    let link: LinkRule
}
