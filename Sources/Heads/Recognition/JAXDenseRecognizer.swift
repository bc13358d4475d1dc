internal import Predictions

/// Recognises dense heads of the JAX code: a `kernel` below one of the names it gives its last
/// layer, or below a prefix that `model.json` gives.
struct JAXDenseRecognizer: HeadRecognizer {
    private static let names = [
        "multiclass_head", "multilabel_head", "head", "batchensemble_head", "output_projection",
    ]

    func candidates(in places: HeadPlaces) throws(ModelError) -> [any RecognizedHead] {
        let manifest = places.manifest
        guard manifest.head ?? .dense == .dense, manifest.tensors?.weight == nil,
            manifest.tensors?.heads == nil
        else { return [] }
        let found = places.names.compactMap {
            places.table($0, before: "kernel", separator: "/")
        }.filter { table in
            !table.prefix.isEmpty && places.isNamed(table.prefix)
                || table.prefix.split(separator: "/").last.map {
                    Self.names.contains(String($0))
                } ?? false
        }
        return places.named(found, path: \.prefix).map {
            JAXDenseRecognition(manifest: manifest, tensors: $0)
        }
    }
}

/// A plain dense head of the JAX code, ordinary or BatchEnsemble.
private struct JAXDenseRecognition: RecognizedHead {
    let kind = HeadKind.dense
    let manifest: ModelManifest
    /// The head's tensors: `kernel`, `bias` and perhaps fast weights.
    let tensors: TensorTable

    /// A layer of that name may belong to something that is not a classifier.
    var isCertain: Bool { manifest.head != nil }

    var place: HeadPlace { HeadPlace(name: tensors.prefix, shape: tensors.shape("kernel")) }

    var passedThrough: [HeadPlace] {
        PassedLayers(manifest, tensors.checkpoint, module: tensors.prefix.trimmedPath.parentPath)
            .places(besides: layers, width: place.shape?.first, onLevel: true)
    }

    var unused: [HeadPlace] {
        guard let shape = place.shape, shape.count == 2 else { return [] }
        return LevelParts(
            beside: layers, in: tensors.prefix.trimmedPath.parentPath, shape: shape,
            inputs: shape[0], outputs: shape[1], of: tensors.checkpoint
        ).unused
    }

    private static let origin = "uncertainty-baselines"

    /// The layer seen from the head's parent, as layers are named.
    private var parent: (table: TensorTable, name: String) {
        let path = tensors.prefix.dropLast()
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        return (tensors.at(String(path.dropLast(name.count))), name)
    }

    func facts() throws(ModelError) -> HeadFacts {
        let shape = try shape()
        _ = try LogitLaw(manifest)
        return HeadFacts(
            origin: Self.origin,
            rule: "`kernel` below `\(tensors.prefix)`: a dense head of uncertainty-baselines",
            settings: [try link.setting(), (.classes, .checkpoint("\(shape.outputCount)"))]
                + manifest.logitRules(link.value),
            sizes: HeadSizes(
                inputCount: try preLogits.jaxInputCount(featureCount: shape.inputCount),
                featureCount: shape.inputCount, classCount: shape.outputCount,
                memberCount: shape.memberCount),
            parameterCount: shape.parameterCount, comparison: nil)
    }

    /// If it is a head, it is of this kind, and the keys are known.
    func facts(among kinds: [HeadKind]) throws(ModelError) -> HeadFacts { try facts() }

    func head() throws(ModelError) -> any Head {
        let shape = try shape()
        guard let link = link.value else { throw .incomplete(try report()) }
        let table = parent.table.withUnitRows(manifest.normalizeWeights == true)
        let members = try table.jaxMembers(shape)
        let law = try LogitLaw(manifest)
        let layers = try (0..<(shape.memberCount ?? 1)).map { (member) throws(ModelError) in
            try law.applied(to: members[member])
        }
        let preLogits = try preLogits.jaxLayer(featureCount: shape.inputCount)
        guard shape.memberCount != nil else {
            return DenseHead(
                kind: .dense, layer: layers[0], link: link, preLogits: preLogits,
                factor: law.factor)
        }
        return DenseEnsembleHead(
            members: layers, link: link, preLogits: preLogits, factor: law.factor)
    }

    private func shape() throws(ModelError) -> LayerShape {
        let (table, name) = parent
        let shape = try table.jaxLayerShape(name)
        try manifest.require(classCount: shape.outputCount)
        return shape
    }

    private var link: LinkRecognition {
        LinkRecognition(
            manifest: manifest, rule: BaselinesLayout.link(ofHead: tensors.prefix),
            origin: Self.origin, prefix: tensors.prefix)
    }

    private var preLogits: PreLogitsRecognition {
        PreLogitsRecognition(manifest: manifest, tensors: tensors)
    }
}
