internal import LogitKernels
internal import Predictions

/// One logit a class from one dense layer: plain dense heads, and MHS, whose [C0, C1, D] weights
/// are a dense layer in label order at inference.
struct DenseHead: Head {
    let kind: HeadKind
    let layer: DenseLayer
    let link: Link
    let preLogits: PreLogitsLayer?
    /// Factor of the layer's outputs; finite and positive.
    var factor: Float = 1

    var summary: HeadSummary {
        .exact(
            kind: kind, link: link,
            inputCount: preLogits.inputCount(featureCount: layer.inputCount),
            classCount: layer.outputCount)
    }

    func predict(_ batch: FeatureBatch, _ context: ComputeContext) -> [RowOutcome] {
        let features = preLogits.features(of: batch, context.kernel)
        let rowLink = RowLink(link == .softmax ? .softmax : .sigmoid, scale: factor)
        return layer.answers(features, rowLink, batch.options, context)
    }
}
