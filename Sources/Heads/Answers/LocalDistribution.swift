internal import Glibc

/// The function that turns the local logits of one head into factors.
package enum HeadActivation: String, Sendable, CaseIterable {
    case softmax
    case sigmoid

    /// ln of the distribution over one head's digits: softmax, or sigmoids divided by their sum,
    /// because a product of raw sigmoids is not a distribution.
    func logDistribution(_ logits: some Collection<Float>) -> [Double] {
        var logs = logits.map { logWeight($0) }
        Self.normalize(&logs, logs.indices)
        return logs
    }

    /// ln of a digit's weight before the division by the sum over its head.
    func logWeight(_ logit: Float) -> Double {
        switch self {
        case .softmax: Double(logit)
        case .sigmoid: Self.logSigmoid(Double(logit))
        }
    }

    /// Divides the weights at `places` by their sum, in logarithms.
    static func normalize(_ logs: inout [Double], _ places: Range<Int>) {
        var (peak, sum) = (-Double.infinity, 0.0)
        for place in places { peak = max(peak, logs[place]) }
        for place in places { sum += exp(logs[place] - peak) }
        let total = peak + log(sum)
        for place in places { logs[place] -= total }
    }

    /// Factors of a ranking score: in-head softmax, or a sigmoid for each digit.
    func factors(_ logits: some Collection<Float>) -> [Double] {
        switch self {
        case .softmax: logDistribution(logits).map { exp($0) }
        case .sigmoid: logits.map { exp(Self.logSigmoid(Double($0))) }
        }
    }

    /// ln σ(x) without overflow.
    static func logSigmoid(_ x: Double) -> Double {
        x >= 0 ? -log1p(exp(-x)) : x - log1p(exp(x))
    }
}
