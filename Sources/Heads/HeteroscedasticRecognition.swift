internal import Checkpoints
internal import Glibc
internal import LogitKernels

/// HET and HET-XL heads as uncertainty-baselines writes them (science.md 3.1).
struct HeteroscedasticRecognition {
    let manifest: ModelManifest
    let tensors: TensorTable

    /// The layer every such head has.
    static let marker = "loc_layer/kernel"

    /// Parts of a checkpoint that repeat the weights' names but are not weights.
    private static let skipped = ["opt/state/", "extra/", "states/"]

    /// What stands before `loc_layer/kernel` for each head of the checkpoint.
    static func prefixes(in checkpoint: Checkpoint) -> [String] {
        checkpoint.tensors.map(\.name)
            .filter { name in !skipped.contains { name.hasPrefix($0) } }
            .filter { $0 == marker || $0.hasSuffix("/" + marker) }
            .map { String($0.dropLast(marker.count)) }
    }

    func head() throws(ModelError) -> any Head {
        let location = try tensors.jaxLayer("loc_layer")
        let diagonal = try tensors.jaxLayer("diag_layer", inputs: location.inputCount)
        try require(missingKeys(location, diagonal))
        let space = try noiseSpace(location, diagonal)
        let (loadings, factorCount) = try factorLoadings(
            featureCount: location.inputCount, latentCount: diagonal.outputCount)
        return HeteroscedasticHead(
            weights: HeteroscedasticWeights(
                location: location, diagonal: diagonal, loadings: loadings,
                factorCount: factorCount, space: space,
                diagonalNoise: manifest.diagonalNoise ?? .shared,
                temperature: try temperature()),
            link: try link(),
            defaultSampleCount: manifest.samples ?? ModelManifest.defaultSamples,
            preLogits: try PreLogitsRecognition(manifest: manifest, tensors: tensors)
                .jaxLayer(featureCount: location.inputCount))
    }

    private var learnsTemperature: Bool { tensors.contains("pre_sigmoid_temperature") }

    private func missingKeys(_ location: DenseLayer, _ diagonal: DenseLayer) -> [String] {
        var keys: [String] = []
        if manifest.head == nil, location.inputCount == location.outputCount {
            keys.append("head")
        }
        if learnsTemperature, manifest.temperatureBounds == nil {
            keys.append("temperature_bounds")
        }
        if !learnsTemperature, manifest.temperature == nil { keys.append("temperature") }
        if manifest.link == nil, linkOfName == nil { keys.append("link") }
        return keys
    }

    private func require(_ missing: [String]) throws(ModelError) {
        if !missing.isEmpty {
            throw .missingManifestKeys(
                keys: missing, reason: "the checkpoint's weights do not tell")
        }
    }

    /// HET-XL if the diagonal layer has D outputs, HET if it has K.
    private func noiseSpace(
        _ location: DenseLayer, _ diagonal: DenseLayer
    ) throws(ModelError) -> NoiseSpace {
        let (features, classes) = (location.inputCount, location.outputCount)
        let inferred: HeadKind = diagonal.outputCount == features ? .hetXL : .het
        let kind = manifest.head ?? inferred
        let expected = kind == .hetXL ? features : classes
        guard diagonal.outputCount == expected else {
            throw .tensorShape(
                name: tensors.prefix + "diag_layer/kernel",
                found: [diagonal.inputCount, diagonal.outputCount],
                expected: "[\(features), \(expected)] for a \(kind.rawValue) head")
        }
        return kind == .hetXL ? .features : .logits
    }

    private func factorLoadings(
        featureCount: Int, latentCount: Int
    ) throws(ModelError) -> (FactorLoadings, factorCount: Int) {
        if tensors.contains("scale_layer_homoscedastic/kernel") {
            let name = "scale_layer_homoscedastic/kernel"
            let rank = try tensors.shape(name, rank: 2)[0]
            let loadings = FactorLoadings.efficient(
                scale: try tensors.jaxLayer(
                    "scale_layer_heteroscedastic", inputs: featureCount, outputs: latentCount),
                homoscedastic: try tensors.values(name, shape: [rank, latentCount]),
                shift: try tensors.values("scale_layer_homoscedastic/bias", shape: [latentCount]))
            return (loadings, rank)
        }
        guard tensors.contains("scale_layer/kernel") else { return (.none, 0) }
        let layer = try tensors.jaxLayer("scale_layer", inputs: featureCount)
        guard layer.outputCount % latentCount == 0 else {
            throw .tensorShape(
                name: tensors.prefix + "scale_layer/kernel",
                found: [layer.inputCount, layer.outputCount],
                expected: "a multiple of \(latentCount) outputs")
        }
        return (.full(layer), layer.outputCount / latentCount)
    }

    /// τ = lo + (hi − lo)·σ(t) where it was learned, else what the manifest says.
    private func temperature() throws(ModelError) -> Float {
        learnsTemperature ? try learnedTemperature() : try fixedTemperature()
    }

    private func fixedTemperature() throws(ModelError) -> Float {
        guard manifest.temperatureBounds == nil else {
            throw .contradiction(
                key: "temperature_bounds", reason: "it has no learned temperature")
        }
        guard let temperature = manifest.temperature else {
            throw .missingManifestKeys(keys: ["temperature"], reason: "it is not stored")
        }
        return Float(temperature)
    }

    private func learnedTemperature() throws(ModelError) -> Float {
        guard manifest.temperature == nil else {
            throw .contradiction(key: "temperature", reason: "its temperature was learned")
        }
        guard let bounds = manifest.temperatureBounds else {
            throw .missingManifestKeys(keys: ["temperature_bounds"], reason: "they are not stored")
        }
        let stored = try tensors.values("pre_sigmoid_temperature", shape: [1])
        let share = 1 / (1 + exp(-Double(stored[0])))
        let temperature = Float(bounds[0] + (bounds[1] - bounds[0]) * share)
        guard temperature.isNormal else {
            throw .contradiction(
                key: "temperature_bounds", reason: "between them the temperature is \(temperature)")
        }
        return temperature
    }

    /// The authors name softmax heads and sigmoid heads differently.
    private var linkOfName: Link? {
        switch tensors.prefix.split(separator: "/").last {
        case "multiclass_head": .softmax
        case "multilabel_head": .sigmoid
        default: nil
        }
    }

    private func link() throws(ModelError) -> Link {
        if let named = linkOfName, let told = manifest.link, named != told {
            throw .contradiction(
                key: "link", reason: "'\(tensors.prefix)' is a head with \(named.rawValue) link")
        }
        return manifest.link ?? linkOfName ?? .softmax
    }
}
