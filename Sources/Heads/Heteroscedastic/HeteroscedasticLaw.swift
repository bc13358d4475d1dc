internal import Predictions

/// Standard deviation of the diagonal noise, from the output a of the diagonal layer:
/// softplus(a), or its square root, plus a floor.
struct DeviationLaw: Sendable, Equatable {
    let isSquareRoot: Bool
    let floor: Float

    /// edward2 (MIN_SCALE_MONTE_CARLO) and untangle.
    static let floored = DeviationLaw(isSquareRoot: false, floor: 1e-3)
    /// url, whose layer's output is a variance.
    static let root = DeviationLaw(isSquareRoot: true, floor: 0)
}

/// The place where an implementation keeps the temperature τ.
enum TemperatureLaw: Sendable, Equatable {
    /// `model.json`, as `temperature`.
    case manifest
    /// τ = lo + (hi − lo)·σ(t) with t in this tensor of shape [1]; `model.json` has the bounds.
    case bounded(tensor: String)
    /// τ = softplus(t) with t in this scalar tensor.
    case softplus(tensor: String)
}

/// The link that applies when `model.json` does not name one.
enum LinkRule: Sendable, Equatable {
    /// The only one that the implementation or the head's name allows.
    case fixed(Link)
    /// The implementation's own, unless `model.json` names another.
    case usual(Link)
    /// None: `model.json` must name it.
    case required
}

/// The law that one implementation computes from its weights.
struct HeteroscedasticLaw: Sendable, Equatable {
    /// Applies unless `model.json` names another.
    let diagonalNoise: DiagonalNoise
    let deviation: DeviationLaw
    let temperature: TemperatureLaw
    let link: LinkRule
}
