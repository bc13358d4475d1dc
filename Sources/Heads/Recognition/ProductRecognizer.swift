internal import LogitKernels
internal import Predictions

/// Recognises MHP heads of one dense layer, `classifier`, whose outputs are the digits of a label;
/// where `model.json` says that the head is one, any layer that could be a dense head.
struct ProductRecognizer: HeadRecognizer {
    /// The layer of the authors' modules.
    private static let name = "classifier"

    func candidates(in places: HeadPlaces) throws(ModelError) -> [any RecognizedHead] {
        let manifest = places.manifest
        guard manifest.head ?? .mhp == .mhp, manifest.tensors?.heads == nil else { return [] }
        if let name = manifest.tensors?.weight {
            return [ProductRecognition(places, tensors: try NamedTensors(places).head(name))]
        }
        let layers = places.denseLayers.filter {
            manifest.head == .mhp || $0.path.lastPart == Self.name
        }
        let found = layers.map { ProductRecognition(places, $0) }
        guard found.isEmpty, manifest.head == .mhp else { return found }
        let path = places.torch.prefix + Self.name
        return [ProductRecognition(places, TorchLayer(path: path, shape: nil))]
    }
}

/// Recognises MHP heads with one dense layer for each digit of a label: the layers that
/// `model.json` lists, or a numbered list of layers as `heads.0`, `heads.1`.
struct ProductListRecognizer: HeadRecognizer {
    func candidates(in places: HeadPlaces) throws(ModelError) -> [any RecognizedHead] {
        let manifest = places.manifest
        guard manifest.head ?? .mhp == .mhp else { return [] }
        if let names = manifest.tensors?.heads {
            return [ProductRecognition(places, layers: try layers(names, places))]
        }
        guard manifest.tensors?.weight == nil else { return [] }
        return places.named(places.modules.headLists) { $0.module }.map { list in
            ProductRecognition(places, list: list.layers.map(\.path), in: list.module)
        }
    }

    private func layers(
        _ names: [String], _ places: HeadPlaces
    ) throws(ModelError) -> [LayerTensors] {
        let named = NamedTensors(places)
        var layers: [LayerTensors] = []
        for name in names {
            let layer = try named.head(name)
            if layers.contains(layer) {
                throw .contradiction(
                    key: ModelManifest.CodingKeys.tensors.rawValue,
                    reason: "'heads' names '\(layer.weight)' twice, the second time by '\(name)'")
            }
            layers.append(layer)
        }
        return layers
    }
}

extension TorchModules {
    /// The numbered lists of layers in modules with a head's name, in file order; not those of more
    /// layers than a label has digits.
    var headLists: [(module: String, layers: [TorchLayer])] {
        let root = commonModule(below: "")
        var taken: Set<String> = []
        return layers.compactMap { layer in
            let module = layer.path.parentPath
            guard taken.insert(module).inserted, let list = numbered[module], list.isList,
                list.layers.count <= TensorNames.maxHeads, isHeadModule(module, below: root)
            else { return nil }
            return (module, list.layers.map(\.layer))
        }
    }
}
