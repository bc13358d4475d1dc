internal import Glibc

/// How the local logits of one head become numbers that multiply.
package enum HeadActivation: String, Sendable, CaseIterable {
    case softmax
    case sigmoid

    /// ln of the distribution over one head's digits: softmax, or sigmoids divided by their sum
    /// (science.md 4.2: a product of raw sigmoids is no distribution).
    func logDistribution(_ logits: some Collection<Float>) -> [Double] {
        let logs =
            switch self {
            case .softmax: logits.map { Double($0) }
            case .sigmoid: logits.map { Self.logSigmoid(Double($0)) }
            }
        let peak = logs.max() ?? 0
        let total = peak + log(logs.reduce(0) { $0 + exp($1 - peak) })
        return logs.map { $0 - total }
    }

    /// Factors of a ranking score: in-head softmax, or a sigmoid for each digit.
    func factors(_ logits: some Collection<Float>) -> [Double] {
        switch self {
        case .softmax: logDistribution(logits).map { exp($0) }
        case .sigmoid: logits.map { exp(Self.logSigmoid(Double($0))) }
        }
    }

    /// ln σ(x) without overflow.
    private static func logSigmoid(_ x: Double) -> Double {
        x >= 0 ? -log1p(exp(-x)) : x - log1p(exp(x))
    }
}
