internal import Checkpoints
internal import Predictions

/// `HETXLHead` of bmucsanyi/untangle (PyTorch), which serves HET as well:
/// the low-rank layer's outputs are [N, R], r fast, and the diagonal noise is independent.
struct UntangleLayout: HeteroscedasticLayout {
    let tensors: TensorTable

    let origin = "bmucsanyi/untangle"
    let marker = Self.markerName
    let location = "_classifier"
    let isJAX = false
    let onlyKind: HeadKind? = nil

    private static let markerName = "_diagonal_std_layer.weight"

    init?(markedBy name: String, in places: HeadPlaces) {
        guard let tensors = places.table(name, before: Self.markerName, separator: ".") else {
            return nil
        }
        self.tensors = tensors
    }

    /// The head wraps the classifier of the backbone, which stands beside it as `model` and still
    /// lists the layer among its own, as the last of its layers with that shape.
    var layers: [String] {
        let own = ["_classifier", "_diagonal_std_layer", "_low_rank_cov_layer"]
        let backbone = tensors.prefix.trimmedPath.parentPath
        let start = (backbone.isEmpty ? "" : backbone + ".") + "model."
        let shape = tensors.shape("_classifier.weight")
        let checkpoint = tensors.checkpoint
        let wrapped = checkpoint.names(beginningWith: start).last {
            $0.hasSuffix(".weight") && checkpoint[$0] != nil && checkpoint[$0]?.shape == shape
        }
        return own.map { tensors.prefix + $0 } + (wrapped.map { [$0.parentPath] } ?? [])
    }

    /// Per-sample logits leave the module; the project's own losses take a softmax of them.
    let law = HeteroscedasticLaw(
        diagonalNoise: .independent, deviation: .floored, temperature: .manifest,
        link: .usual(.softmax))

    func shape() throws(ModelError) -> HeteroscedasticShape {
        let location = try tensors.torchLayerShape("_classifier")
        try refuseLogitInputs(location)
        let diagonal = try tensors.torchLayerShape(
            "_diagonal_std_layer", inputs: location.inputCount)
        let factors = try tensors.torchLayerShape(
            "_low_rank_cov_layer", inputs: location.inputCount)
        return HeteroscedasticShape(
            location: location, diagonal: diagonal, loadings: .full(factors),
            factorCount: try tensors.factorCount(
                of: factors, latentCount: diagonal.outputCount),
            temperatureCount: 0)
    }

    /// In an older revision the noise layers of a HET head take the K logits for input.
    private func refuseLogitInputs(_ location: LayerShape) throws(ModelError) {
        let (features, classes) = (location.inputCount, location.outputCount)
        let name = "_diagonal_std_layer.weight"
        guard tensors.shape(name) == [classes, classes], classes != features else { return }
        throw .tensorShape(
            name: tensors.prefix + name, found: [classes, classes],
            expected: "\(features) inputs: noise layers that take the logits, as an older "
                + "revision of the code has them, are not served")
    }

    func members(_ shape: HeteroscedasticShape) throws(ModelError) -> [HeteroscedasticLayers] {
        [
            HeteroscedasticLayers(
                location: try tensors.torchLayer("_classifier"),
                diagonal: try tensors.exact.torchLayer("_diagonal_std_layer"),
                loadings: .full(try tensors.torchLayer("_low_rank_cov_layer")))
        ]
    }
}
