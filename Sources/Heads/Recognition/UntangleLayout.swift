internal import Predictions

/// `HETXLHead` of bmucsanyi/untangle (PyTorch), which serves HET as well:
/// the low-rank layer's outputs are [N, R], r fast, and the diagonal noise is independent.
struct UntangleLayout: HeteroscedasticLayout {
    let tensors: TensorTable

    let origin = "bmucsanyi/untangle"
    let marker = Self.markerName
    let isJAX = false
    let onlyKind: HeadKind? = nil

    private static let markerName = "_diagonal_std_layer.weight"

    init?(markedBy name: String, in places: HeadPlaces) {
        guard let tensors = places.table(name, before: Self.markerName, separator: ".") else {
            return nil
        }
        self.tensors = tensors
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
