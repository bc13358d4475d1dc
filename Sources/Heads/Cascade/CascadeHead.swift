internal import LogitKernels
internal import Predictions

/// MHC: a group layer, then local scores of the labels of a group, in two or three levels.
struct CascadeHead: Head {
    /// D → C0.
    let group: DenseLayer
    /// One level for two heads, two for three.
    let levels: [CascadeLevel]
    let radix: MixedRadix
    let activation: HeadActivation
    let task: Task
    /// Groups kept at each level; at least C0 means all.
    let beam: Int
    let preLogits: PreLogitsLayer?

    var keepsAllGroups: Bool { beam >= radix.sizes[0] }

    /// A distribution needs normalised factors and every group; anything else only ranks.
    var givesDistribution: Bool {
        task == .singleLabel && activation == .softmax && keepsAllGroups
    }

    var summary: HeadSummary {
        .exact(
            kind: .mhc, link: activation == .softmax ? .softmax : .sigmoid,
            output: givesDistribution ? .distribution : .scores,
            inputCount: preLogits.inputCount(featureCount: group.inputCount),
            classCount: radix.classCount)
    }

    func predict(_ batch: FeatureBatch, _ context: ComputeContext) -> [RowOutcome] {
        let outcomes = outcomes(batch, context)
        let haveLostBytes = levels.contains { $0.embedding.hasLostBytes }
        return haveLostBytes ? outcomes.map { _ in .lostWeights } : outcomes
    }

    private func outcomes(_ batch: FeatureBatch, _ context: ComputeContext) -> [RowOutcome] {
        let features = preLogits.features(of: batch, context.kernel)
        let groups = group.apply(features, context.kernel)
        let hidden = levels.map {
            $0.hidden.apply(features, context.kernel)
        }
        guard givesDistribution else {
            return CascadeSearch(
                head: self, groupLogits: groups, hidden: hidden, options: batch.options,
                context: context
            ).outcomes()
        }
        return context.map(rowCount: batch.rowCount) { index in
            CascadeDistribution(
                head: self, groupLogits: groups.matrixRow(index, width: group.outputCount),
                hidden: zip(hidden, levels).map { hidden, level in
                    Array(hidden.matrixRow(index, width: level.hidden.outputCount))
                }, kernel: context.kernel
            ).outcome(batch.options[index])
        }
    }
}
