package import Predictions

/// The sampling rules that requests may choose from.
struct SamplingRules: Sendable {
    /// The list. A new rule is one file and one line here.
    static let all = SamplingRules(
        QuasiMonteCarlo(), IndependentDraws()
    )

    /// At least one; no two of one name.
    private let rules: [any SamplingRule]

    /// `auto` takes the first that has points for a row.
    init(_ first: any SamplingRule, _ others: any SamplingRule...) {
        rules = [first] + others
    }

    /// The rule of a row; the first where the list has none of that name. The answer names the rule
    /// that was followed. A leader is proven by independent draws.
    func rule(for options: RowOptions) -> any SamplingRule {
        if case .leader = SamplingGoal(options), let rule = rule(named: .monteCarlo) { return rule }
        let found =
            switch options.estimator {
            case .auto: rules.first { $0.leastSampleCount <= options.maxSampleCount }
            case .only(let estimator): rule(named: estimator)
            }
        return found ?? rules[0]
    }

    func rule(named estimator: Estimator) -> (any SamplingRule)? {
        rules.first { $0.estimator == estimator }
    }
}

extension EstimatorChoice {
    /// The least number of samples that its answers take where they are sampled: a request that may
    /// not have as many cannot be answered.
    package var leastSampleCount: Int {
        guard case .only(let estimator) = self else { return 1 }
        return SamplingRules.all.rule(named: estimator)?.leastSampleCount ?? 1
    }
}
