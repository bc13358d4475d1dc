internal import LogitKernels
internal import Predictions

/// A dense BatchEnsemble: the probabilities of its members, averaged.
struct DenseEnsembleHead: Head {
    /// At least one; all of one shape.
    let members: [DenseLayer]
    let link: Link
    let preLogits: PreLogitsLayer?
    /// Factor of the layers' outputs; finite and positive.
    var factor: Float = 1

    var summary: HeadSummary {
        .exact(
            kind: .dense, link: link,
            inputCount: preLogits.inputCount(featureCount: members[0].inputCount),
            classCount: classCount)
    }

    private var classCount: Int { members[0].outputCount }

    func predict(_ batch: FeatureBatch, _ context: ComputeContext) -> [RowOutcome] {
        let features = preLogits.features(of: batch, context.kernel)
        let logits = members.map {
            $0.apply(features, context.kernel)
        }
        return context.map(rowCount: batch.rowCount) { index in
            let rows = logits.map { $0.matrixRow(index, width: classCount) }
            guard let means = means(of: rows, context.kernel) else { return .overflow }
            let probabilities = means.map { Float($0) }
            return link == .softmax
                ? ExactAnswer.distribution(
                    probabilities, entropy: Entropy.ofDistribution(means), batch.options[index])
                : ExactAnswer.labels(probabilities, batch.options[index])
        }
    }

    /// Mean over the members of one row's probabilities; nil when a logit is not finite.
    private func means(of rows: [ArraySlice<Float>], _ kernel: LogitKernel) -> [Double]? {
        var sums = [Double](repeating: 0, count: classCount)
        for logits in rows {
            var values = factor == 1 ? Array(logits) : logits.map { $0 * factor }
            guard values.allSatisfy(\.isFinite) else { return nil }
            var span = values.mutableSpan
            switch link {
            case .softmax: _ = kernel.softmax(&span)
            case .sigmoid: kernel.sigmoid(&span)
            }
            for (index, value) in values.enumerated() { sums[index] += Double(value) }
        }
        return sums.map { $0 / Double(members.count) }
    }
}
