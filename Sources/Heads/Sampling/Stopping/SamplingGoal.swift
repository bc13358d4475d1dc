internal import Predictions

/// The end of a row's samples, at the latest when all of its plan are drawn.
enum SamplingGoal: Sendable, Equatable {
    /// All samples of the plan.
    case plan
    /// A standard error that no listed probability exceeds.
    case tolerance(Double)
    /// The proof that the first class is the most likely one, at this level of error.
    case leader(delta: Double)

    init(_ options: RowOptions) {
        self = .plan
        guard options.hasDetails else { return }
        let details = options.details
        if let tolerance = details.tolerance { self = .tolerance(tolerance) }
        if let delta = details.certifyDelta { self = .leader(delta: delta) }
    }

    /// Samples that a replicate has when the goal is looked at first.
    func firstCount(_ plan: SamplingPlan) -> Int {
        let most = plan.samplesPerReplicate
        switch self {
        case .plan: return most
        case .tolerance: return min(most, SampleCounts.firstSamples / plan.replicateCount)
        case .leader: return min(most, SampleCounts.firstDraws)
        }
    }
}
