internal import Glibc

/// p(y) ∝ Π_h p_h(c_h) over the labels y < K: the law of a product of independent heads,
/// conditioned on the code being a label. Exact, without enumeration.
struct ProductDistribution {
    let radix: MixedRadix
    /// ln p_h(c), one head after the other.
    let logProbabilities: [Double]
    /// ln Z, the mass of the labels before the division.
    private let logMass: Double
    /// In nats.
    let entropy: Double

    /// Takes the logits of all heads, one after the other. Cost O(Σ C_h + H²), an exponential for
    /// each digit.
    init(radix: MixedRadix, logits: some Collection<Float>, _ activation: HeadActivation) {
        var logs = logits.map { activation.logWeight($0) }
        for head in radix.sizes.indices { HeadActivation.normalize(&logs, radix.digitPlaces(head)) }
        self.init(radix: radix, logProbabilities: logs)
    }

    /// Takes ln p_h(c) of all heads, one after the other.
    init(radix: MixedRadix, logProbabilities: [Double]) {
        self.radix = radix
        self.logProbabilities = logProbabilities
        let heads = radix.sizes.indices.map { HeadSums(logProbabilities[radix.digitPlaces($0)]) }
        guard radix.hasSpareCodes else {
            logMass = 0
            entropy = max(0, heads.reduce(0) { $0 + $1.entropy })
            return
        }
        let parts = radix.boxes.map { Self.part($0, radix, logProbabilities, heads) }
        // Relative to the largest part, so that labels in a far tail still have a distribution.
        let peak = parts.reduce(-.infinity) { max($0, $1.logMass) }
        var (mass, surprise) = (0.0, 0.0)
        for part in parts {
            let weight = exp(part.logMass - peak)
            mass += weight
            if weight > 0 { surprise += weight * (part.entropy - part.logMass) }
        }
        logMass = peak + log(mass)
        entropy = max(0, logMass + surprise / mass)
    }

    /// ln p(y) from ln q(y).
    func normalized(_ logProduct: Double) -> Double { logProduct - logMass }

    /// ln p(y) of a label. Cost O(H).
    func logProbability(of label: Int) -> Double {
        var logProduct = 0.0
        for (head, digit) in radix.digits(of: label).enumerated() {
            logProduct += logProbabilities[radix.digitPlaces(head).lowerBound + digit]
        }
        return normalized(logProduct)
    }

    /// ln of the mass of a box of codes, and the entropy of its codes among themselves: of the
    /// digit that is bounded, and of the free ones after it.
    private static func part(
        _ box: CodeBox, _ radix: MixedRadix, _ logs: [Double], _ heads: [HeadSums]
    ) -> (logMass: Double, entropy: Double) {
        let head = box.prefix.count
        var logPrefix = 0.0
        for (head, digit) in box.prefix.enumerated() {
            logPrefix += logs[radix.digitPlaces(head).lowerBound + digit]
        }
        let digits = radix.digitPlaces(head).prefix(box.limit)
        let sums = digits.count == radix.sizes[head] ? heads[head] : HeadSums(logs[digits])
        let rest = heads[(head + 1)...].reduce(0) { $0 + $1.entropy }
        return (logPrefix + sums.logMass, sums.entropy + rest)
    }

    /// All K probabilities in label order. Cost O(K).
    func probabilities() -> [Float] {
        var logs = [-logMass]
        for head in radix.sizes.indices {
            let local = logProbabilities[radix.digitPlaces(head)]
            let rest = radix.sizes[(head + 1)...].reduce(1, *)
            // Not (K + rest - 1) / rest, whose sum may overflow.
            let needed = (radix.classCount - 1) / rest + 1
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

/// The mass of the first digits of a head, and their entropy.
private struct HeadSums {
    /// ln Σ p.
    let logMass: Double
    /// Entropy of the distribution p / Σ p, in nats.
    let entropy: Double

    /// Takes ln p of at least one digit; one exponential each.
    init(_ logs: ArraySlice<Double>) {
        let peak = logs.max() ?? 0
        guard peak > -.infinity else {
            (logMass, entropy) = (-.infinity, 0)
            return
        }
        var (mass, moment) = (0.0, 0.0)
        for log in logs {
            let weight = exp(log - peak)
            mass += weight
            // 0 · -infinity is not 0.
            if weight > 0 { moment += weight * (log - peak) }
        }
        logMass = peak + log(mass)
        entropy = max(0, log(mass) - moment / mass)
    }
}
