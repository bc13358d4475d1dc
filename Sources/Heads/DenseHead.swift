internal import LogitKernels

/// One logit a class from one dense layer: plain dense heads, and MHS, whose [C0, C1, D] weights
/// are a dense layer in label order at inference (science.md 4.4).
struct DenseHead: Head {
    let kind: HeadKind
    let layer: DenseLayer
    let link: Link
    let preLogits: PreLogitsLayer?

    var summary: HeadSummary {
        HeadSummary(
            kind: kind, link: link,
            output: link == .softmax ? .distribution : .labelProbabilities,
            inputCount: preLogits.inputCount(featureCount: layer.inputCount),
            classCount: layer.outputCount, factorCount: nil, defaultSampleCount: nil)
    }

    func predict(_ batch: FeatureBatch, _ work: HeadWork) -> [RowOutcome] {
        let features = preLogits.features(of: batch, work.kernel)
        let logits = layer.apply(features, work.kernel)
        return work.map(rowCount: batch.rowCount) { index in
            var values = Array(row(index, of: logits, width: layer.outputCount))
            guard values.allSatisfy(\.isFinite) else { return .overflow }
            var span = values.mutableSpan
            switch link {
            case .softmax:
                let entropy = work.kernel.softmax(&span).entropy
                return ExactAnswer.distribution(values, entropy: entropy, batch.options[index])
            case .sigmoid:
                work.kernel.sigmoid(&span)
                return ExactAnswer.labels(values, batch.options[index])
            }
        }
    }
}
