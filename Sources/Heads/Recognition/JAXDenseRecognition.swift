internal import Predictions

/// A plain dense head of the JAX code, ordinary or BatchEnsemble.
struct JAXDenseRecognition: RecognizedHead {
    let manifest: ModelManifest
    /// Of the head: `kernel`, `bias` and perhaps fast weights.
    let tensors: TensorTable

    private static let origin = "uncertainty-baselines"

    /// The layer seen from the head's parent, as layers are named.
    private var place: (table: TensorTable, name: String) {
        let path = tensors.prefix.dropLast()
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        return (tensors.at(String(path.dropLast(name.count))), name)
    }

    func report() throws(ModelError) -> HeadReport {
        let shape = try shape()
        return HeadReport(
            checkpoint: tensors.path, head: manifest.head,
            choices: manifest.head == nil ? [HeadChoice(head: .dense, missingKeys: [])] : [],
            origin: Self.origin, prefix: tensors.prefix,
            rule: "`kernel` below `\(tensors.prefix)`: a dense head of uncertainty-baselines",
            settings: manifest.settings([
                (.head, .asked), try link.setting(), (.classes, .file("\(shape.outputCount)")),
            ]),
            sizes: HeadSizes(
                inputCount: try preLogits.jaxInputCount(featureCount: shape.inputCount),
                featureCount: shape.inputCount, classCount: shape.outputCount,
                memberCount: shape.memberCount),
            parameterCount: shape.parameterCount, comparison: nil)
    }

    func head() throws(ModelError) -> any Head {
        let shape = try shape()
        guard let link = link.value else { throw .incomplete(try report()) }
        let layers = try place.table.jaxMembers(shape)
        let preLogits = try preLogits.jaxLayer(featureCount: shape.inputCount)
        guard let count = shape.memberCount else {
            return DenseHead(kind: .dense, layer: layers[0], link: link, preLogits: preLogits)
        }
        return DenseEnsembleHead(
            members: (0..<count).map { layers[$0] }, link: link, preLogits: preLogits)
    }

    private func shape() throws(ModelError) -> LayerShape {
        let (table, name) = place
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
