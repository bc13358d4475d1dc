internal import Glibc

/// p(y) ∝ Π_h p_h(c_h) over the labels y < K: the law of a product of independent heads,
/// conditioned on the code being a label (science.md 4.2). Exact, without enumeration.
struct ProductDistribution {
    let radix: MixedRadix
    /// ln p_h(c), one array a head.
    let logProbabilities: [[Double]]
    /// ln Z, the mass of the labels before the division.
    private let logMass: Double
    /// In nats.
    let entropy: Double

    /// Cost O(Σ C_h + H²).
    init(radix: MixedRadix, logProbabilities: [[Double]]) {
        self.radix = radix
        self.logProbabilities = logProbabilities
        let entropies = logProbabilities.map { $0.reduce(0) { $0 - Self.product($1) } }
        let parts = radix.boxes.flatMap { Self.parts(of: $0, logProbabilities, entropies) }
        // Relative to the largest part, so that labels in a far tail still have a distribution.
        let peak = parts.lazy.map(\.logMass).max() ?? 0
        let mass = parts.reduce(0) { $0 + exp($1.logMass - peak) }
        let surprise = parts.reduce(0) { sum, part in
            let weight = exp(part.logMass - peak)
            return weight > 0 ? sum + weight * (part.restEntropy - part.logMass) : sum
        }
        logMass = peak + log(mass)
        entropy = max(0, logMass + surprise / mass)
    }

    /// ln p(y) from ln q(y).
    func normalized(_ logProduct: Double) -> Double { logProduct - logMass }

    /// Codes that share their digits up to some head: ln of their mass, and the entropy of the
    /// digits that follow.
    private typealias Part = (logMass: Double, restEntropy: Double)

    /// A box has one part for each digit below its limit.
    private static func parts(
        of box: CodeBox, _ logs: [[Double]], _ entropies: [Double]
    ) -> [Part] {
        let head = box.prefix.count
        let logPrefix = zip(box.prefix, logs).reduce(0) { $0 + $1.1[$1.0] }
        let restEntropy = entropies[(head + 1)...].reduce(0, +)
        return logs[head][..<box.limit].map { (logPrefix + $0, restEntropy) }
    }

    /// p ln p from ln p, with 0 ln 0 = 0.
    private static func product(_ log: Double) -> Double {
        log == -.infinity ? 0 : exp(log) * log
    }

    /// All K probabilities in label order. Cost O(K).
    func probabilities() -> [Float] {
        var logs = [-logMass]
        for (head, local) in logProbabilities.enumerated() {
            let rest = radix.sizes[(head + 1)...].reduce(1, *)
            let needed = (radix.classCount + rest - 1) / rest
            var next: [Double] = []
            next.reserveCapacity(needed)
            for prefix in logs {
                next.append(contentsOf: local.prefix(needed - next.count).map { prefix + $0 })
            }
            logs = next
        }
        return logs.map { Float(exp($0)) }
    }
}
