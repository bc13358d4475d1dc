internal import Glibc
internal import Predictions

/// The law over the noise of one label's p = sigmoid(m + s z), z standard normal: of one member, or
/// of members that are equally likely.
struct LabelProfile {
    /// m and s ≥ 0 of each member.
    private let members: [(mean: Double, deviation: Double)]

    init(_ members: [(mean: Double, deviation: Double)]) { self.members = members }

    func profile(_ details: RowDetails) -> NoiseProfile {
        var profile = NoiseProfile()
        profile.quantiles = details.quantileLevels.map { Float(quantile($0)) }
        if details.wantsHistogram { profile.histogram = histogram() }
        return profile
    }

    private func histogram() -> [Float] {
        let count = NoiseProfile.binCount
        // Each bin from the tail it is in, where a difference keeps its digits.
        let below = (0...count).map { share(below: Self.logit(Double($0) / Double(count))) }
        let above = (0...count).map { share(above: Self.logit(Double($0) / Double(count))) }
        return (0..<count).map { bin in
            let share =
                below[bin + 1] <= 0.5
                ? below[bin + 1] - below[bin] : above[bin] - above[bin + 1]
            return Float(max(0, share))
        }
    }

    /// sigmoid(m + s Φ⁻¹(q)); of several members the probability that a share q of them all lies
    /// below, by bisection down to neighbouring doubles of its logit.
    private func quantile(_ level: Double) -> Double {
        let z = NormalQuantile.of(level)
        let ends = members.map { $0.mean + $0.deviation * z }
        var (low, high) = (ends.min() ?? 0, ends.max() ?? 0)
        while low < high {
            let middle = low + (high - low) / 2
            if middle <= low || middle >= high { break }
            if share(below: middle) < level { low = middle } else { high = middle }
        }
        return Self.sigmoid(high)
    }

    private func share(below logit: Double) -> Double {
        members.reduce(0) { $0 + Self.normalTail((logit - $1.mean), $1.deviation) }
            / Double(members.count)
    }

    private func share(above logit: Double) -> Double {
        members.reduce(0) { $0 + Self.normalTail(($1.mean - logit), $1.deviation) }
            / Double(members.count)
    }

    /// P(s z < x); without noise a step, which 0 is above.
    private static func normalTail(_ x: Double, _ deviation: Double) -> Double {
        guard deviation > 0 else { return x >= 0 ? 1 : 0 }
        return erfc(-x / deviation / 2.0.squareRoot()) / 2
    }

    private static func sigmoid(_ x: Double) -> Double {
        x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x))
    }

    private static func logit(_ p: Double) -> Double { log(p) - log1p(-p) }
}

/// Φ⁻¹ of the standard normal distribution function.
enum NormalQuantile {
    /// The quantile of a level in (0, 1): relative error below 10⁻¹⁴ of Φ, by Newton's steps on a
    /// tail that keeps its digits.
    static func of(_ level: Double) -> Double {
        if level > 0.5 { return -lower(1 - level) }
        return lower(level)
    }

    /// The quantile of a level in (0, 0.5].
    private static func lower(_ level: Double) -> Double {
        // √(−2 ln q) bounds |z| from above; ln Φ is concave, so that steps from there stay below.
        var z = -(-2 * log(level)).squareRoot()
        for _ in 0..<64 {
            let tail = erfc(-z / 2.0.squareRoot()) / 2
            let density = exp(-z * z / 2) / (2 * Double.pi).squareRoot()
            let step = (log(tail) - log(level)) * tail / density
            z -= step
            if abs(step) <= 1e-15 * max(1, abs(z)) { break }
        }
        return min(z, 0)
    }
}
