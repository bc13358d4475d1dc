internal import Checkpoints
internal import LogitKernels
internal import Predictions

/// A plain dense head. Any model may have such a layer, so the head is asked for.
struct DenseRecognition: RecognizedHead {
    /// The way the tensors of the layer are found.
    enum Source {
        /// A module of PyTorch, below the prefix of `tensors`.
        case module(String)
        /// By their names.
        case tensors(LayerTensors)
    }

    enum Origin: String {
        case module = "any PyTorch module"
        case linearModel = "scikit-learn"
        case array = "a NumPy array"
        case tensor = "a PyTorch tensor"
        case named = "tensors that model.json names"
    }

    let kind = HeadKind.dense
    let manifest: ModelManifest
    let tensors: TensorTable
    let source: Source
    let origin: Origin
    let place: HeadPlace
    /// The prefix by which `model.json` names the head.
    let prefix: String
    let neighbours: LayerNeighbours

    var layers: [String] { [place.name] }

    var isCertain: Bool { manifest.head != nil }

    var namedTensors: [TensorNames.Role] { [.weight, .bias, .preLogits] }

    var passedThrough: [HeadPlace] {
        PassedLayers(manifest, tensors.checkpoint, module: tensors.prefix.trimmedPath)
            .places(besides: layers, before: neighbours.before, width: width, onLevel: true)
    }

    /// D.
    private var width: Int? {
        if case .tensors(let layer) = source, layer.layout == .inputMajor {
            return place.shape?.first
        }
        return place.shape?.last
    }

    var unused: [HeadPlace] {
        guard let layer = try? layer(), let shape = place.shape, shape.count == 2 else { return [] }
        let hasInputsFirst = layer.layout == .inputMajor
        return LevelParts(
            beside: layers, in: tensors.prefix.trimmedPath, shape: shape,
            inputs: shape[hasInputsFirst ? 0 : 1], outputs: shape[hasInputsFirst ? 1 : 0],
            used: layer.used, of: tensors.checkpoint
        ).unused
            + (UntrainedTwins.trained(besides: place.name, among: tensors.checkpoint.allNames)
                .map { [HeadPlace(name: $0, shape: nil)] } ?? [])
    }

    // MARK: Facts

    func facts() throws(ModelError) -> HeadFacts {
        let layer = try shape()
        try manifest.require(classCount: layer.outputCount)
        _ = try LogitLaw(manifest)
        return try facts(
            layer,
            settings: [try linkRule(), (.classes, .checkpoint("\(layer.outputCount)"))]
                + manifest.logitRules(link.value) + (try labelSettings()),
            classCount: layer.outputCount)
    }

    /// The outputs of the layer are classes only where it cannot be another kind of head.
    func facts(among kinds: [HeadKind]) throws(ModelError) -> HeadFacts {
        let layer = try shape()
        return try facts(
            layer, settings: nil, classCount: kinds == [kind] ? layer.outputCount : nil)
    }

    private func facts(
        _ layer: LayerShape, settings: [ManifestKeyRule]?, classCount: Int?
    ) throws(ModelError) -> HeadFacts {
        HeadFacts(
            origin: origin.rawValue, rule: rule(layer), settings: settings,
            sizes: HeadSizes(
                inputCount: try preLogits.torchInputCount(featureCount: layer.inputCount),
                featureCount: layer.inputCount, classCount: classCount),
            parameterCount: layer.parameterCount, comparison: nil)
    }

    private func rule(_ layer: LayerShape) -> String {
        let sizes = "[\(layer.outputCount), \(layer.inputCount)]"
        guard origin != .array, origin != .tensor else {
            return "an array \(sizes), one row a label"
        }
        let norm = layer.magnitudeCount > 0 ? ", with weight normalisation" : ""
        return "`\(layer.kernel)` \(sizes), one dense layer\(norm)"
    }

    // MARK: Head

    func head() throws(ModelError) -> any Head {
        guard let link = link.value else { throw .incomplete(try report()) }
        let layer = try tensors.withUnitRows(manifest.normalizeWeights == true)
            .denseLayer(try layer())
        let law = try LogitLaw(manifest)
        return DenseHead(
            kind: .dense, layer: try law.applied(to: layer), link: link,
            preLogits: try preLogits.torchLayer(featureCount: layer.inputCount),
            factor: law.factor)
    }

    /// The tensors of the layer, with the bias that `model.json` names. Refuses a module with
    /// anything behind its layer, unless `model.json` names just this layer.
    private func layer() throws(ModelError) -> LayerTensors {
        try neighbours.refuseBehind(place.name, manifest)
        let own: LayerTensors
        switch source {
        case .tensors(let layer): own = layer
        case .module(let name): own = try tensors.torchTensors(name)
        }
        let layer = try NamedTensors(tensors, manifest).completed(own)
        try HeadLayerCheck(checkpoint: tensors.checkpoint, manifest: manifest).check(layer)
        return layer
    }

    private func shape() throws(ModelError) -> LayerShape { try tensors.layerShape(try layer()) }

    // MARK: Link and labels

    /// Coefficients of two classes have one row: the log-odds of the second.
    private var isBinary: Bool { origin == .linearModel && place.shape?.first == 1 }

    /// No name of a PyTorch layer shows its link, nor do coefficients of several classes.
    private var link: LinkRecognition {
        LinkRecognition(
            manifest: manifest, rule: isBinary ? .fixed(.sigmoid) : .required,
            origin: origin.rawValue, prefix: tensors.prefix)
    }

    private func linkRule() throws(ModelError) -> ManifestKeyRule {
        if isBinary, manifest.link == .softmax {
            throw .contradiction(
                key: ModelManifest.CodingKeys.link.rawValue,
                reason: "'\(place.name)' has one row, the log-odds of the second of two classes, "
                    + "so the head is binary: say \"link\": \"sigmoid\"; its answer is the "
                    + "probability of that class")
        }
        return try link.setting()
    }

    private var preLogits: PreLogitsRecognition {
        PreLogitsRecognition(manifest: manifest, tensors: tensors)
    }

    /// A file of labels that `model.json` names stands in the place of those in the checkpoint,
    /// whatever their type.
    private func classes() throws(ModelError) -> LinearModelClasses? {
        guard origin == .linearModel, case .tensors(let layer) = source else { return nil }
        do throws(ModelError) {
            return try LinearModelClasses(
                besideCoefficients: layer.weight, in: tensors.checkpoint,
                rowCount: place.shape?.first ?? 0)
        } catch {
            if manifest.labels != nil { return nil }
            throw error
        }
    }

    private func labelSettings() throws(ModelError) -> [ManifestKeyRule] {
        try classes().map { [(.labels, .checkpoint($0.name))] } ?? []
    }

    func labels() throws(ModelError) -> [String]? { try classes()?.labels() }

    var labelsName: String? { (try? classes())?.name }
}
