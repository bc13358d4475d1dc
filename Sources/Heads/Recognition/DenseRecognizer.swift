internal import Checkpoints
internal import LogitKernels
internal import Predictions

/// Recognises plain dense heads: layers of PyTorch modules by the names that these give their last
/// one, the weights that `model.json` names, and the matrix that a file consists of.
struct DenseRecognizer: HeadRecognizer {
    func candidates(in places: HeadPlaces) throws(ModelError) -> [any RecognizedHead] {
        let manifest = places.manifest
        guard manifest.head ?? .dense == .dense else { return [] }
        guard manifest.tensors?.heads == nil else {
            guard manifest.head == .dense else { return [] }
            throw HeadCandidates.unnamed(.heads, of: .dense)
        }
        if let name = manifest.tensors?.weight {
            let layer = try NamedTensors(places).head(name)
            let isLinear = layer.weight.lastPart == LinearModel.coefficients
            return [DenseRecognition(places, layer, origin: isLinear ? .linearModel : .named)]
        }
        if let matrix = places.array(rank: 2) {
            let layer = LayerTensors(name: "", weight: matrix)
            let isNumPy = places.checkpoint.format == .npy
            return [DenseRecognition(places, layer, origin: isNumPy ? .array : .tensor)]
        }
        return places.denseLayers.map { DenseRecognition(places, $0) }
    }
}

extension DenseRecognition {
    /// A layer of a PyTorch module.
    init(_ places: HeadPlaces, _ layer: TorchLayer) {
        let path = layer.path.pathParts
        let ownCount = LayerNames.count(of: path)
        let module = path.dropLast(max(1, ownCount)).joined(separator: ".")
        let tensors = places.table(inModule: module)
        let isTold = places.manifest.prefix != nil && ownCount == 0
        self.init(
            manifest: places.manifest, tensors: tensors,
            source: .module(String(layer.path.dropFirst(tensors.prefix.count))), origin: .module,
            place: HeadPlace(name: layer.path, shape: layer.shape),
            prefix: isTold ? layer.path : tensors.prefix,
            neighbours: places.modules.neighbours(of: layer))
    }

    /// A layer by the full names of its tensors.
    init(_ places: HeadPlaces, _ layer: LayerTensors, origin: Origin) {
        self.init(
            manifest: places.manifest, tensors: places.table(""), source: .tensors(layer),
            origin: origin,
            place: HeadPlace(name: layer.name, shape: places.checkpoint[layer.weight]?.shape),
            prefix: places.manifest.prefix ?? "", neighbours: LayerNeighbours())
    }
}
