package import Predictions

/// The sampling rules that requests may choose from.
package struct SamplingRules: Sendable {
    /// The list. A new rule is one file and one line here.
    static let all = SamplingRules(
        IndependentDraws()
    )

    /// At least one; no two of one name.
    private let rules: [any SamplingRule]

    /// `auto` takes `automatic`.
    init(_ automatic: any SamplingRule, _ others: any SamplingRule...) {
        rules = [automatic] + others
    }

    /// Whether heads with noise can be sampled as a request asks.
    package static func isAvailable(_ choice: EstimatorChoice) -> Bool {
        all.rule(named: choice) != nil
    }

    /// The rule of a row. Requests for a rule that is not available are refused before they get
    /// here; the answer names the rule that was followed in any case.
    func rule(for choice: EstimatorChoice) -> any SamplingRule { rule(named: choice) ?? rules[0] }

    private func rule(named choice: EstimatorChoice) -> (any SamplingRule)? {
        switch choice {
        case .auto: rules[0]
        case .only(let estimator): rules.first { $0.estimator == estimator }
        }
    }
}
