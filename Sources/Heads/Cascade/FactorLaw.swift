internal import Glibc
internal import LogitKernels

/// The factors of a ranking score, one logit at a time: an exponential is taken only of a logit
/// that may enter the ranking.
enum FactorLaw {
    case sigmoid
    /// In-head softmax, of logits whose ln Σ exp is known.
    case softmax(logSumExp: Double)

    /// At most 1, and never less for a greater logit.
    func factor(_ logit: Float) -> Double {
        switch self {
        case .sigmoid: exp(HeadActivation.logSigmoid(Double(logit)))
        case .softmax(let logSumExp): min(1, exp(Double(logit) - logSumExp))
        }
    }

    /// Lowers a bound by more than the roundings between a logit and its score in float32, 2⁻²³.
    private static let slack = 1 - 0x1p-22

    /// A logit below which no factor, multiplied by `prefix` and rounded, reaches `score`.
    ///
    /// `score` is at most `prefix`, rounded. Never too high: the bound is lowered by `slack`, half
    /// of which is left after the roundings of a score. That half moves a logit by at least 2⁻²³,
    /// against 1e-9 for the roundings in double here; the float is one below the nearest.
    func leastLogit(score: Double, prefix: Double) -> Float {
        // Subnormal scores have other roundings, and leave out nothing worth the trouble.
        guard score >= Double(Float.leastNormalMagnitude) else { return -.infinity }
        let factor = min(1, score / prefix) * Self.slack
        switch self {
        case .sigmoid: return Float(log(factor) - log1p(-factor)).nextDown
        case .softmax(let logSumExp): return Float(log(factor) + logSumExp).nextDown
        }
    }
}

extension HeadActivation {
    /// The law of one head's digits.
    func law(_ logits: Span<Float>, _ kernel: LogitKernel) -> FactorLaw {
        switch self {
        case .sigmoid: .sigmoid
        case .softmax: .softmax(logSumExp: logits.isEmpty ? 0 : kernel.logSumExp(logits))
        }
    }
}
