internal import LogitKernels
internal import Predictions

/// MHC, computed over all groups where that gives a distribution, else by a search for the best
/// labels.
struct CascadeHead: Head {
    let cascade: Cascade
    let preLogits: PreLogitsLayer?

    var summary: HeadSummary {
        .exact(
            kind: .mhc, link: cascade.activation == .softmax ? .softmax : .sigmoid,
            output: cascade.givesDistribution ? .distribution : .scores,
            inputCount: preLogits.inputCount(featureCount: cascade.group.inputCount),
            classCount: cascade.radix.classCount)
    }

    func predict(_ batch: FeatureBatch, _ context: ComputeContext) -> [RowOutcome] {
        let outcomes = outcomes(batch, context)
        let haveLostBytes = cascade.levels.contains { $0.embedding.hasLostBytes }
        return haveLostBytes ? outcomes.map { _ in .lostWeights } : outcomes
    }

    private func outcomes(_ batch: FeatureBatch, _ context: ComputeContext) -> [RowOutcome] {
        let features = preLogits.features(of: batch, context.kernel)
        let groups = cascade.group.apply(features, context.kernel)
        let hidden = cascade.levels.map {
            $0.hidden.apply(features, context.kernel)
        }
        guard cascade.givesDistribution else {
            return CascadeSearch(
                cascade: cascade, groupLogits: groups, hidden: hidden, options: batch.options,
                context: context
            ).outcomes()
        }
        return context.map(rowCount: batch.rowCount) { index in
            CascadeDistribution(
                cascade: cascade,
                groupLogits: groups.matrixRow(index, width: cascade.group.outputCount),
                hidden: zip(hidden, cascade.levels).map { hidden, level in
                    Array(hidden.matrixRow(index, width: level.hidden.outputCount))
                }, kernel: context.kernel
            ).outcome(batch.options[index])
        }
    }
}
