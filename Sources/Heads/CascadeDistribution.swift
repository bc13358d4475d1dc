internal import Glibc
internal import LogitKernels

/// p(y) by the chain rule over all groups: softmax over the groups times softmax within each
/// level (science.md 4.3), conditioned on the code being a label.
struct CascadeDistribution {
    let head: CascadeHead
    let inputs: CascadeHidden
    let kernel: LogitKernel

    func outcome(_ options: RowOptions) -> RowOutcome {
        guard inputs.groupLogits.allSatisfy(\.isFinite) else { return .overflow }
        var logs = HeadActivation.softmax.logDistribution(inputs.groupLogits)
        for (level, hidden) in zip(head.levels, inputs.hidden) {
            guard let next = extend(logs, level, hidden) else { return .overflow }
            logs = next
        }
        let labels = Self.normalized(logs.prefix(head.radix.classCount))
        return ExactAnswer.distribution(
            labels.map { Float(exp($0)) },
            entropy: labels.reduce(0) { $1 == -.infinity ? $0 : $0 - exp($1) * $1 }, options)
    }

    /// ln p of every code of a level from that of the level above; nil when a logit is not finite.
    private func extend(
        _ prefixes: [Double], _ level: CascadeLevel, _ hidden: [Float]
    ) -> [Double]? {
        let scores = level.embedding.scores(0..<level.embedding.rowCount, hidden, kernel)
        guard scores.allSatisfy(\.isFinite) else { return nil }
        var logs: [Double] = []
        logs.reserveCapacity(scores.count)
        for (prefix, log) in prefixes.enumerated() {
            let local = HeadActivation.softmax.logDistribution(scores[level.candidates(of: prefix)])
            logs.append(contentsOf: local.map { log + $0 })
        }
        return logs
    }

    /// Divided by the mass of the labels, which is below one where codes are left over.
    private static func normalized(_ logs: ArraySlice<Double>) -> [Double] {
        let peak = logs.max() ?? 0
        let mass = peak + log(logs.reduce(0) { $0 + exp($1 - peak) })
        return logs.map { $0 - mass }
    }
}
