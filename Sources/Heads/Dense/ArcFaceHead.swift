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
        HeadSummary(
            kind: .arcFaceMHS, link: .softmax, output: .distribution,
            inputCount: preLogits.inputCount(featureCount: layer.inputCount),
            classCount: layer.outputCount, factorCount: nil, defaultSampleCount: nil)
    }

    func predict(_ batch: FeatureBatch, _ work: HeadWork) -> [RowOutcome] {
        var features = preLogits.features(of: batch, work.kernel)
        features.modifyRows(UnitRows.normalize)
        let cosines = layer.apply(features, work.kernel)
        let link = RowLink(.softmax, scale: scale)
        return work.map(rowCount: batch.rowCount) { index in
            ExactAnswer.row(
                cosines.span.extracting(
                    index * layer.outputCount..<(index + 1) * layer.outputCount),
                link, areScores: true, batch.options[index], work.kernel)
        }
    }
}

/// Rows scaled to unit Euclidean length.
enum UnitRows {
    /// Below this length a row is divided by it instead, as the authors' framework does.
    private static let shortestLength = 1e-12

    /// `values` is a row-major matrix with rows of `width`; lengths are summed in double precision.
    static func normalize(_ values: inout [Float], width: Int) {
        for start in stride(from: 0, to: values.count, by: width) {
            normalize(&values, start..<start + width)
        }
    }

    /// The same for one row, or what of it may differ from zero: zeros add nothing to its length.
    static func normalize(_ values: inout [Float], _ row: Range<Int>) {
        let square = row.reduce(0.0) { $0 + Double(values[$1]) * Double(values[$1]) }
        let length = max(square.squareRoot(), shortestLength)
        for index in row { values[index] = Float(Double(values[index]) / length) }
    }
}
