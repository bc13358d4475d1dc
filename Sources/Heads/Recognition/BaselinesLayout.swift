internal import Checkpoints
internal import Predictions

/// Heads of uncertainty-baselines and edward2's JAX code, by the names that its
/// `checkpoint_utils.py` writes.
struct BaselinesLayout: HeteroscedasticLayout {
    let tensors: TensorTable

    let origin = "uncertainty-baselines"
    let marker = Self.markerName
    let location = "loc_layer"
    let isJAX = true
    let onlyKind: HeadKind? = nil

    private static let markerName = "loc_layer/kernel"
    private static let temperatureName = "pre_sigmoid_temperature"

    init?(markedBy name: String, in places: HeadPlaces) {
        guard let tensors = places.table(name, before: Self.markerName, separator: "/") else {
            return nil
        }
        self.tensors = tensors
    }

    var law: HeteroscedasticLaw {
        HeteroscedasticLaw(
            diagonalNoise: .shared, deviation: .floored,
            temperature: tensors.contains(Self.temperatureName)
                ? .bounded(tensor: Self.temperatureName) : .manifest,
            link: Self.link(ofHead: tensors.prefix))
    }

    /// The authors name softmax heads and sigmoid heads differently.
    static func link(ofHead prefix: String) -> LinkRule {
        switch prefix.split(separator: "/").last {
        case "multiclass_head": .fixed(.softmax)
        case "multilabel_head": .fixed(.sigmoid)
        default: .required
        }
    }

    // MARK: Shapes

    var layers: [String] { Self.layerNames.map { tensors.prefix + $0 } }

    private static let layerNames = [
        "loc_layer", "diag_layer", "scale_layer", "scale_layer_homoscedastic",
        "scale_layer_heteroscedastic",
    ]

    /// Refuses layers that are not known, because they would change the head's answers. Without a
    /// prefix anything may stand beside the head.
    private func refuseUnknownLayers() throws(ModelError) {
        guard !tensors.prefix.isEmpty else { return }
        for tensor in tensors.names(below: "") {
            let name = tensor.without(tensors.prefix)
            let layer = name.prefix { $0 != "/" }
            guard name != Self.temperatureName, !Self.layerNames.contains(String(layer)) else {
                continue
            }
            throw .unexpectedTensor(
                name: tensor,
                reason: "the head has \(Self.layerNames.joined(separator: ", ")) and "
                    + "\(Self.temperatureName) and nothing else")
        }
    }

    func shape() throws(ModelError) -> HeteroscedasticShape {
        try refuseUnknownLayers()
        let location = try tensors.jaxLayerShape("loc_layer")
        let diagonal = try tensors.jaxLayerShape("diag_layer", inputs: location.inputCount)
        let (loadings, factorCount) = try loadings(
            featureCount: location.inputCount, latentCount: diagonal.outputCount)
        if tensors.contains(Self.temperatureName) {
            try tensors.require(Self.temperatureName, shape: [1])
        }
        let shape = HeteroscedasticShape(
            location: location, diagonal: diagonal, loadings: loadings, factorCount: factorCount,
            temperatureCount: tensors.contains(Self.temperatureName) ? 1 : 0)
        try requireEqualMembers(shape)
        return shape
    }

    private func loadings(
        featureCount: Int, latentCount: Int
    ) throws(ModelError) -> (HeteroscedasticShape.Loadings, factorCount: Int) {
        let isEfficient =
            hasLayer("scale_layer_homoscedastic") || hasLayer("scale_layer_heteroscedastic")
        if hasLayer("scale_layer") {
            guard !isEfficient else {
                throw .unexpectedTensor(
                    name: tensors.prefix + "scale_layer/kernel",
                    reason: "loadings come from that layer or from the two layers "
                        + "scale_layer_homoscedastic and scale_layer_heteroscedastic, not both")
            }
            let layer = try tensors.jaxLayerShape("scale_layer", inputs: featureCount)
            let rank = try tensors.factorCount(of: layer, latentCount: latentCount)
            return (.full(layer), rank)
        }
        guard isEfficient else { return (.absent, 0) }
        let homoscedastic = try tensors.jaxLayerShape(
            "scale_layer_homoscedastic", outputs: latentCount)
        try tensors.requireFractions(homoscedastic.kernel)
        let scale = try tensors.jaxLayerShape(
            "scale_layer_heteroscedastic", inputs: featureCount, outputs: latentCount)
        return (
            .efficient(scale: scale, homoscedastic: homoscedastic), homoscedastic.inputCount
        )
    }

    /// Whether any tensor of the layer is there: a layer with a part missing is damaged, not
    /// absent.
    private func hasLayer(_ name: String) -> Bool { tensors.contains(below: name + "/") }

    /// Refuses ensembled layers of different sizes. Layers without fast weights are shared by the
    /// members; all others must have the same number of members E.
    private func requireEqualMembers(_ shape: HeteroscedasticShape) throws(ModelError) {
        for layer in shape.layers {
            guard let found = layer.memberCount, let expected = shape.memberCount,
                found != expected
            else { continue }
            throw .tensorShape(
                name: tensors.prefix + layer.name + "/fast_weight_alpha",
                found: [found, layer.inputCount],
                expected: "[\(expected), \(layer.inputCount)], as the other layers have")
        }
    }

    // MARK: Weights

    func members(_ shape: HeteroscedasticShape) throws(ModelError) -> [HeteroscedasticLayers] {
        let location = try tensors.jaxMembers(shape.location)
        let diagonal = try tensors.exact.jaxMembers(shape.diagonal)
        let loadings = try loadings(shape)
        return (0..<(shape.memberCount ?? 1)).map { member in
            HeteroscedasticLayers(
                location: location[member], diagonal: diagonal[member],
                loadings: loadings[member])
        }
    }

    private func loadings(
        _ shape: HeteroscedasticShape
    ) throws(ModelError) -> LayerMembers<FactorLoadings> {
        switch shape.loadings {
        case .absent:
            return LayerMembers(shared: .none)
        case .full(let layer):
            return try tensors.jaxMembers(layer).map { .full($0) }
        case .efficient(let scale, let homoscedastic):
            let scales = try tensors.exact.jaxMembers(scale)
            let kernels = try tensors.homoscedastic(homoscedastic)
            return scales.zipped(with: kernels) { scale, kernel in
                .efficient(scale: scale, homoscedastic: kernel.kernel, shift: kernel.bias)
            }
        }
    }
}

extension TensorTable {
    /// R of a layer with N·R outputs.
    func factorCount(of layer: LayerShape, latentCount: Int) throws(ModelError) -> Int {
        guard layer.outputCount.isMultiple(of: latentCount) else {
            throw .tensorShape(
                name: prefix + layer.kernel, found: shape(layer.kernel) ?? [],
                expected: "a multiple of \(latentCount) outputs")
        }
        return layer.outputCount / latentCount
    }
}
