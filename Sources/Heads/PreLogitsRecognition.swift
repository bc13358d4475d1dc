internal import LogitKernels

/// The `pre_logits` layer beside a head, where the manifest asks for it to run.
struct PreLogitsRecognition {
    let manifest: ModelManifest
    let tensors: TensorTable

    /// In JAX checkpoints the layer stands beside the head: `<parent>/pre_logits/{kernel,bias}`.
    func jaxLayer(featureCount: Int) throws(ModelError) -> PreLogitsLayer? {
        guard let activation else { return nil }
        let parent = tensors.prefix.split(separator: "/").dropLast().joined(separator: "/")
        let table = TensorTable(
            checkpoint: tensors.checkpoint, prefix: parent.isEmpty ? "" : parent + "/")
        return PreLogitsLayer(
            layer: try table.jaxLayer("pre_logits", outputs: featureCount), activation: activation)
    }

    func torchLayer(featureCount: Int) throws(ModelError) -> PreLogitsLayer? {
        guard let activation else { return nil }
        return PreLogitsLayer(
            layer: try tensors.torchLayer("pre_logits", outputs: featureCount),
            activation: activation)
    }

    private var activation: PreLogitsActivation? {
        manifest.preLogits == PreLogitsActivation.none ? nil : manifest.preLogits
    }
}
