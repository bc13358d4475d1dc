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
        HeadSummary(
            kind: .mhc, link: activation == .softmax ? .softmax : .sigmoid,
            output: givesDistribution ? .distribution : .scores,
            inputCount: preLogits.inputCount(featureCount: group.inputCount),
            classCount: radix.classCount, factorCount: nil, defaultSampleCount: nil)
    }

    func predict(_ batch: FeatureBatch, _ work: HeadWork) -> [RowOutcome] {
        let outcomes = outcomes(batch, work)
        let haveLostBytes = levels.contains { $0.embedding.hasLostBytes }
        return haveLostBytes ? outcomes.map { _ in .lostWeights } : outcomes
    }

    private func outcomes(_ batch: FeatureBatch, _ work: HeadWork) -> [RowOutcome] {
        let features = preLogits.features(of: batch, work.kernel)
        let groups = group.apply(features, work.kernel)
        let hidden = levels.map {
            $0.hidden.apply(features, work.kernel)
        }
        guard givesDistribution else {
            return CascadeSearch(
                head: self, groupLogits: groups, hidden: hidden, options: batch.options, work: work
            ).outcomes()
        }
        return work.map(rowCount: batch.rowCount) { index in
            CascadeDistribution(
                head: self, groupLogits: row(index, of: groups, width: group.outputCount),
                hidden: zip(hidden, levels).map { hidden, level in
                    Array(row(index, of: hidden, width: level.hidden.outputCount))
                }, kernel: work.kernel
            ).outcome(batch.options[index])
        }
    }
}

/// What a model's labels are, by the names `model.json` uses.
package enum Task: String, Sendable, CaseIterable {
    case singleLabel = "single-label"
    case multiLabel = "multi-label"
}
