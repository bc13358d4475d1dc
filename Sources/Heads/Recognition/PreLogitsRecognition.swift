internal import LogitKernels

/// The `pre_logits` layer beside a head, where the manifest asks for it.
struct PreLogitsRecognition {
    let manifest: ModelManifest
    let tensors: TensorTable

    private static let name = "pre_logits"

    func jaxLayer(featureCount: Int) throws(ModelError) -> PreLogitsLayer? {
        guard let activation else { return nil }
        if let named = try named(featureCount) { return named }
        _ = try jaxShape(featureCount)
        return PreLogitsLayer(
            layer: try beside.exact.jaxLayer(Self.name, outputs: featureCount),
            activation: activation)
    }

    func torchLayer(featureCount: Int) throws(ModelError) -> PreLogitsLayer? {
        guard let activation else { return nil }
        if let named = try named(featureCount) { return named }
        return PreLogitsLayer(
            layer: try tensors.exact.torchLayer(Self.name, outputs: featureCount),
            activation: activation)
    }

    /// Width of an instance: that of the layer where it runs, else D.
    func jaxInputCount(featureCount: Int) throws(ModelError) -> Int {
        guard activation != nil else { return featureCount }
        if let named = try namedInputCount(featureCount) { return named }
        return try jaxShape(featureCount).inputCount
    }

    func torchInputCount(featureCount: Int) throws(ModelError) -> Int {
        guard activation != nil else { return featureCount }
        if let named = try namedInputCount(featureCount) { return named }
        return try tensors.torchLayerShape(
            Self.name, outputs: featureCount, mayLackBias: true
        ).inputCount
    }

    // MARK: A layer that model.json names

    private func named(_ featureCount: Int) throws(ModelError) -> PreLogitsLayer? {
        guard let activation, let name = manifest.tensors?.preLogits else { return nil }
        let layer = try layer(name)
        return PreLogitsLayer(
            layer: try tensors.at("").exact.denseLayer(layer, outputs: featureCount),
            activation: activation)
    }

    private func namedInputCount(_ featureCount: Int) throws(ModelError) -> Int? {
        guard let name = manifest.tensors?.preLogits else { return nil }
        let layer = try layer(name)
        return try tensors.at("").layerShape(layer, outputs: featureCount).inputCount
    }

    private func layer(_ name: String) throws(ModelError) -> LayerTensors {
        let layer = try NamedTensors(tensors, manifest).layer(name)
        try HeadLayerCheck(checkpoint: tensors.checkpoint, manifest: manifest).checkBefore(layer)
        return layer
    }

    /// In JAX checkpoints the layer stands beside the head: `<parent>/pre_logits/{kernel,bias}`.
    private var beside: TensorTable {
        let parent = tensors.prefix.split(separator: "/").dropLast().joined(separator: "/")
        return tensors.at(parent.isEmpty ? "" : parent + "/")
    }

    /// One layer for all members of a head.
    private func jaxShape(_ featureCount: Int) throws(ModelError) -> LayerShape {
        let shape = try beside.jaxLayerShape(Self.name, outputs: featureCount)
        guard shape.memberCount == nil else {
            throw .unexpectedTensor(
                name: beside.prefix + Self.name + "/fast_weight_alpha",
                reason: "a pre_logits layer with members is not served")
        }
        return shape
    }

    private var activation: PreLogitsActivation? {
        manifest.preLogits == PreLogitsActivation.none ? nil : manifest.preLogits
    }
}
