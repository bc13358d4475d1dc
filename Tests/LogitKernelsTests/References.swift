import Glibc

/// Softmax of a row in Double, with bounds on what single precision may make of it.
///
/// With t = l - max, the kernel's e has a relative error of at most δ = 2⁻²³ (1 ulp of exp) plus
/// 2⁻²⁴|t| (the rounding of t); below -87.33 it is zero. Σ e then errs by Σ p δ.
struct SoftmaxReference {
    var probabilities: [Double]
    var bounds: [Double]
    var logSumExp: Double
    var logSumExpBound: Double
    var entropy: Double
    var entropyBound: Double

    init(_ logits: [Float]) {
        let values = logits.map(Double.init)
        let maximum = values.max() ?? 0
        let shifted = values.map { $0 - maximum }
        let total = shifted.reduce(0) { $0 + Glibc.exp($1) }
        let p = shifted.map { Glibc.exp($0) / total }
        let delta = shifted.map { 0x1p-23 + 0x1p-24 * abs($0) }
        let meanDelta = zip(p, delta).reduce(0) { $0 + $1.0 * $1.1 }
        // Both errors, the rounding of the result, and what is flushed to zero.
        bounds = zip(p, delta).map { $0 * ($1 + meanDelta + 0x1p-24) + Glibc.exp(-87.3) }
        probabilities = p
        logSumExp = maximum + Glibc.log(total)
        // A few roundings of the double sum on top.
        logSumExpBound = meanDelta + 0x1p-50 * abs(logSumExp)
        entropy = zip(p, shifted).reduce(Glibc.log(total)) { $0 - $1.0 * $1.1 }
        // d ln Σe = Σ p δ; d (Σ e t / Σ e) = Σ p δ |t - mean t|; t and e·t are rounded once each.
        let mean = zip(p, shifted).reduce(0) { $0 + $1.0 * $1.1 }
        entropyBound = 0x1p-50
        for (k, t) in shifted.enumerated() {
            entropyBound += p[k] * (delta[k] * (1 + abs(t - mean)) + 0x1p-23 * abs(t))
        }
    }
}

/// Sigmoids of a row in Double and the sum of their binary entropies.
struct SigmoidReference {
    var probabilities: [Double]
    var entropy: Double
    /// 4 ulp of each entropy, and what is flushed to zero.
    var entropyBound: Double

    init(_ logits: [Float]) {
        probabilities = logits.map { 1 / (1 + Glibc.exp(-Double($0))) }
        entropy = logits.reduce(0) { sum, logit in
            let size = abs(Double(logit))
            let smaller = Glibc.exp(-size) / (1 + Glibc.exp(-size))
            return sum + Glibc.log1p(Glibc.exp(-size)) + (size.isFinite ? size * smaller : 0)
        }
        entropyBound = entropy * 4 * 0x1p-23 + Double(logits.count) * 100 * Glibc.exp(-87.3)
    }
}
