package import Predictions

/// The work of a row, as far as it can be told before it is computed.
package struct RowWork: Sendable, Equatable {
    /// Kinds of work, whose times say nothing of each other.
    package enum Kind: Int, Sendable, CaseIterable {
        /// A closed form or a law by quadrature; seldom one that turns out to need samples.
        case law
        /// Independent draws.
        case draws
        /// Quasi-Monte-Carlo points.
        case points
    }

    package let kind: Kind
    /// Samples a member; 1 where there are none.
    package let sampleCount: Int

    package init(kind: Kind, sampleCount: Int) {
        self.kind = kind
        self.sampleCount = sampleCount
    }
}

extension HeadSummary {
    /// Labels that are named up to which they cost nothing to speak of.
    private static let maxFreeLabels = 100

    /// The work of a row; nil where other rows tell nothing of its time: samples may end early,
    /// and profiles, sets and many named labels take times of their own.
    package func work(of options: RowOptions) -> RowWork? {
        guard !options.hasDetails || Self.isOrdinary(options.details) else { return nil }
        guard defaultSampleCount != nil, !hasKnownLaw || options.estimator != .auto else {
            return RowWork(kind: .law, sampleCount: 1)
        }
        let rule = SamplingRules.all.rule(for: options)
        let plan = rule.plan(
            sampleCount: options.sampleCount, maxSampleCount: options.maxSampleCount)
        return RowWork(
            kind: rule.estimator == .quasiMonteCarlo ? .points : .draws,
            sampleCount: plan.sampleCount)
    }

    private static func isOrdinary(_ details: RowDetails) -> Bool {
        details.labels.count <= maxFreeLabels && details.tolerance == nil
            && details.certifyDelta == nil && !details.wantsProfiles
            && details.predictionSet == nil
    }
}
