internal import LogitKernels
internal import Predictions

/// MHS trained with ArcFace: cosines of normalised features with normalised rows, scaled; the
/// margin is a matter of training only.
struct ArcFaceHead: Head {
    /// K×D with rows of unit length, no bias.
    let layer: DenseLayer
    let scale: Float
    let preLogits: PreLogitsLayer?

    var summary: HeadSummary {
        .exact(
            kind: .arcFaceMHS, link: .softmax,
            inputCount: preLogits.inputCount(featureCount: layer.inputCount),
            classCount: layer.outputCount)
    }

    func predict(_ batch: FeatureBatch, _ context: ComputeContext) -> [RowOutcome] {
        var features = preLogits.features(of: batch, context.kernel)
        features.modifyRows(UnitRows.normalize)
        let link = RowLink(.softmax, scale: scale)
        return layer.answers(features, link, areScores: true, batch.options, context)
    }
}
