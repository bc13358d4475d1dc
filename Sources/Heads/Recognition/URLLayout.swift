internal import LogitKernels
internal import Predictions

/// `HETXLHead` of mkirchhof/url (PyTorch): one matrix `C` [D, D·R + D] without biases, whose first
/// D·R columns are V (r fast) and whose rest is the diagonal layer; `temp`; a classifier `fc`.
struct URLLayout: HeteroscedasticLayout {
    let tensors: TensorTable

    let origin = "mkirchhof/url"
    let marker = Self.markerName
    let location = "fc"
    let isJAX = false
    let onlyKind: HeadKind? = .hetXL

    private static let markerName = "C"
    /// Tensors required beside `C`, because any tensor may have that name.
    private static let companions = ["temp", "fc.weight"]

    init?(markedBy name: String, in places: HeadPlaces) {
        guard let tensors = places.table(name, before: Self.markerName, separator: "."),
            Self.companions.allSatisfy({ tensors.contains($0) })
        else { return nil }
        self.tensors = tensors
    }

    let law = HeteroscedasticLaw(
        diagonalNoise: .shared, deviation: .root, temperature: .softplus(tensor: "temp"),
        link: .fixed(.softmax))

    func shape() throws(ModelError) -> HeteroscedasticShape {
        let location = try tensors.torchLayerShape("fc")
        let features = location.inputCount
        let shape = try tensors.weightShape("C", rank: 2)
        guard shape[0] == features, shape[1].isMultiple(of: features) else {
            throw .tensorShape(
                name: tensors.prefix + "C", found: shape,
                expected: "[\(features), \(features)·(R + 1)] for some R")
        }
        try tensors.require("temp", shape: [])
        let rank = shape[1] / features - 1
        return HeteroscedasticShape(
            location: location, diagonal: part(features, outputs: features),
            loadings: rank == 0 ? .absent : .full(part(features, outputs: features * rank)),
            factorCount: rank, temperatureCount: 1)
    }

    private func part(_ inputs: Int, outputs: Int) -> LayerShape {
        LayerShape(
            name: "C", kernel: "C", inputCount: inputs, outputCount: outputs, hasBias: false)
    }

    func members(_ shape: HeteroscedasticShape) throws(ModelError) -> [HeteroscedasticLayers] {
        let (diagonal, loadings) = try covarianceLayers(shape)
        return [
            HeteroscedasticLayers(
                location: try tensors.torchLayer("fc"), diagonal: diagonal,
                loadings: shape.factorCount == 0 ? .none : .full(loadings))
        ]
    }

    /// The two parts of C, which has a row for each input.
    private func covarianceLayers(
        _ shape: HeteroscedasticShape
    ) throws(ModelError) -> (diagonal: DenseLayer, loadings: DenseLayer) {
        let (inputs, split) = (shape.featureCount, shape.latentCount * shape.factorCount)
        let width = split + shape.latentCount
        return (
            DenseLayer(
                weights: try tensors.exact.packedColumns(
                    split..<width, of: "C", width: width, inputCount: inputs),
                bias: nil),
            DenseLayer(
                weights: try tensors.packedColumns(
                    0..<split, of: "C", width: width, inputCount: inputs),
                bias: nil)
        )
    }
}
