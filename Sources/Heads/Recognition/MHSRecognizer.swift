internal import LogitKernels
internal import Predictions

/// Recognises MHS heads, trained plainly or with ArcFace, by a lone `weight` [C0, C1, D]. Nothing
/// in the file says how it was trained, so it could be either.
struct MHSRecognizer: HeadRecognizer {
    private static let kinds: [HeadKind] = [.mhs, .arcFaceMHS]

    func candidates(in places: HeadPlaces) throws(ModelError) -> [any RecognizedHead] {
        let tensors = places.torch
        let kinds: [HeadKind]
        if let named = places.manifest.head {
            kinds = Self.kinds.filter { $0 == named }
        } else {
            kinds = tensors.shape("weight")?.count == 3 ? Self.kinds : []
        }
        return kinds.map {
            MHSRecognition(kind: $0, manifest: places.manifest, tensors: tensors)
        }
    }
}

/// An MHS head, which is a dense layer in label order at inference, or an ArcFace-MHS head.
private struct MHSRecognition: RecognizedHead {
    let kind: HeadKind
    let manifest: ModelManifest
    let tensors: TensorTable

    var isCertain: Bool { manifest.head != nil }

    func facts() throws(ModelError) -> HeadFacts {
        let shape = try weightShape()
        let (rows, features) = (shape[0] * shape[1], shape[2])
        let classes = try classCount(rows: rows)
        let scale = ManifestKeyRule(.scale, .defaultValue("\(ModelManifest.defaultScale)"))
        let link = ManifestKeyRule(.link, .defaultValue(Link.softmax.rawValue))
        return HeadFacts(
            origin: "Anoise/MHE",
            rule: "`weight` \(shape), alone and of three dimensions: one row a label",
            settings: [
                (.heads, .checkpoint("\([shape[0], shape[1]])")),
                (.classes, .checkpoint("\(rows)")),
                kind == .arcFaceMHS ? scale : link,
            ],
            sizes: HeadSizes(
                inputCount: try preLogits.torchInputCount(featureCount: features),
                featureCount: features, classCount: classes, heads: [shape[0], shape[1]]),
            parameterCount: rows * features,
            comparison: .dense(featureCount: features, classCount: classes))
    }

    func head() throws(ModelError) -> any Head {
        let layer = try layer()
        let preLogits = try preLogits.torchLayer(featureCount: layer.inputCount)
        guard kind == .arcFaceMHS else {
            return DenseHead(
                kind: .mhs, layer: layer, link: manifest.link ?? .softmax, preLogits: preLogits)
        }
        return ArcFaceHead(
            layer: layer, scale: Float(manifest.scale ?? ModelManifest.defaultScale),
            preLogits: preLogits)
    }

    /// [C0, C1, D] → K×D in label order; rows that are not labels are left out.
    private func layer() throws(ModelError) -> DenseLayer {
        let shape = try weightShape()
        let rowCount = try classCount(rows: shape[0] * shape[1])
        let normalize = { (rows: inout [Float], width: Int) in
            UnitRows.normalize(&rows, width: width)
        }
        return DenseLayer(
            weights: try tensors.packedRows(
                "weight", shape: shape, rowCount: rowCount,
                kind == .arcFaceMHS ? normalize : nil),
            bias: nil)
    }

    /// [C0, C1, D].
    private func weightShape() throws(ModelError) -> [Int] {
        let shape = try tensors.weightShape("weight", rank: 3)
        if let heads = manifest.heads, heads != Array(shape.prefix(2)) {
            throw .contradiction(key: "heads", reason: "its weights are \(shape)")
        }
        return shape
    }

    private func classCount(rows: Int) throws(ModelError) -> Int {
        guard let classes = manifest.classes else { return rows }
        guard classes <= rows else {
            throw .contradiction(key: "classes", reason: "its weights have \(rows) rows")
        }
        return classes
    }

    private var preLogits: PreLogitsRecognition {
        PreLogitsRecognition(manifest: manifest, tensors: tensors)
    }
}
