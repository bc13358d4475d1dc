internal import Predictions

/// The sampling rules that requests may choose from.
struct SamplingRules: Sendable {
    /// The list. A new rule is one file and one line here.
    static let all = SamplingRules(
        IndependentDraws(), QuasiMonteCarlo()
    )

    /// At least one; no two of one name.
    private let rules: [any SamplingRule]

    /// `auto` takes `automatic`.
    init(_ automatic: any SamplingRule, _ others: any SamplingRule...) {
        rules = [automatic] + others
    }

    /// The rule of a row; the first where the list has none of that name. The answer names the rule
    /// that was followed.
    func rule(for choice: EstimatorChoice) -> any SamplingRule {
        guard case .only(let estimator) = choice else { return rules[0] }
        return rules.first { $0.estimator == estimator } ?? rules[0]
    }
}
