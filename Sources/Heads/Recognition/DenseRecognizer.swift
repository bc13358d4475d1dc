internal import LogitKernels
internal import Predictions

/// Recognises plain dense heads of PyTorch modules by the names that these give their last layer.
struct DenseRecognizer: HeadRecognizer {
    private static let names = ["classifier", "fc", "head", "l0"]

    func candidates(in places: HeadPlaces) throws(ModelError) -> [any RecognizedHead] {
        guard places.manifest.head ?? .dense == .dense, let name = name(in: places.torch) else {
            return []
        }
        return [DenseRecognition(manifest: places.manifest, tensors: places.torch, name: name)]
    }

    /// The first of the names with a matrix; "" for a bare `weight`.
    private func name(in tensors: TensorTable) -> String? {
        let names = Self.names.filter { tensors.shape($0 + ".weight")?.count == 2 }
        return names.first ?? (tensors.shape("weight")?.count == 2 ? "" : nil)
    }
}

/// A plain dense head of PyTorch. Any module may have such a layer, so the head is asked for.
private struct DenseRecognition: RecognizedHead {
    let kind = HeadKind.dense
    let manifest: ModelManifest
    let tensors: TensorTable
    /// The layer's name; empty for a bare `weight`.
    let name: String

    private static let origin = "any PyTorch module"

    var isCertain: Bool { manifest.head != nil }

    func facts() throws(ModelError) -> HeadFacts {
        let layer = try tensors.torchLayerShape(name, mayLackBias: true)
        try manifest.require(classCount: layer.outputCount)
        return try facts(
            layer,
            settings: [try link.setting(), (.classes, .checkpoint("\(layer.outputCount)"))]
                + manifest.logitRules(link.value),
            classCount: layer.outputCount)
    }

    /// The outputs of the layer are classes only where it cannot be another kind of head.
    func facts(among kinds: [HeadKind]) throws(ModelError) -> HeadFacts {
        let layer = try tensors.torchLayerShape(name, mayLackBias: true)
        return try facts(
            layer, settings: nil, classCount: kinds == [kind] ? layer.outputCount : nil)
    }

    private func facts(
        _ layer: LayerShape, settings: [ManifestKeyRule]?, classCount: Int?
    ) throws(ModelError) -> HeadFacts {
        HeadFacts(
            origin: Self.origin,
            rule: "`\(layer.kernel)` [\(layer.outputCount), \(layer.inputCount)], one dense layer",
            settings: settings,
            sizes: HeadSizes(
                inputCount: try preLogits.torchInputCount(featureCount: layer.inputCount),
                featureCount: layer.inputCount, classCount: classCount),
            parameterCount: layer.parameterCount, comparison: nil)
    }

    func head() throws(ModelError) -> any Head {
        guard let link = link.value else { throw .incomplete(try report()) }
        let tensors = tensors.withUnitRows(manifest.normalizeWeights == true)
        let layer = name.isEmpty ? try bareLayer(tensors) : try tensors.torchLayer(name)
        let law = try LogitLaw(manifest)
        return DenseHead(
            kind: .dense, layer: try law.applied(to: layer), link: link,
            preLogits: try preLogits.torchLayer(featureCount: layer.inputCount),
            factor: law.factor)
    }

    /// The layer of a state dict that is nothing but `weight` and perhaps `bias`.
    private func bareLayer(_ tensors: TensorTable) throws(ModelError) -> DenseLayer {
        let shape = try tensors.shape("weight", rank: 2)
        return DenseLayer(
            weights: try tensors.packedRows("weight", shape: shape, rowCount: shape[0]),
            bias: tensors.contains("bias") ? try tensors.values("bias", shape: [shape[0]]) : nil)
    }

    /// No name of a PyTorch layer shows its link.
    private var link: LinkRecognition {
        LinkRecognition(
            manifest: manifest, rule: .required, origin: Self.origin, prefix: tensors.prefix)
    }

    private var preLogits: PreLogitsRecognition {
        PreLogitsRecognition(manifest: manifest, tensors: tensors)
    }
}
