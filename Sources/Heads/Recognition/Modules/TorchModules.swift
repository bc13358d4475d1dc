internal import Checkpoints

/// A dense layer of a PyTorch module, as the names in a checkpoint show it.
struct TorchLayer: Sendable, Equatable {
    /// The layer's path, `model.head.fc`; empty for a `weight` at the root.
    let path: String
    /// [outputs, inputs]; nil where the file does not tell.
    let shape: [Int]?
}

/// The modules of a checkpoint, by the names of its tensors.
struct TorchModules: Sendable {
    /// Names of all tensors in file order.
    let names: [String]
    /// Each path once, in file order.
    let layers: [TorchLayer]
    /// The place in `layers` of each path.
    private let placeOfLayer: [String: Int]
    private let checkpoint: Checkpoint
    /// The modules whose dense layers have numbers, by their paths.
    let numbered: [String: NumberedLayers]

    /// Names that a layer's weights have; those behind the first two need more to be read, or
    /// cannot be.
    private static let weightNames = [
        "weight", "weight_v", "parametrizations.weight.original1",
        "parametrizations.weight.original", "base_layer.weight", "weight_orig", "weight_mu",
        "qweight",
    ]

    /// The part of a dynamically quantised layer that holds its weights.
    private static let packed = "._packed_params"

    /// Passes over all tensors once, and sorts the layers that have numbers.
    init(_ checkpoint: Checkpoint) {
        self.checkpoint = checkpoint
        let entries =
            checkpoint.tensors.map { (name: $0.name, shape: Optional($0.shape)) }
            + checkpoint.unread.map { (name: $0.name, shape: $0.shape) }
        names = checkpoint.allNames
        var taken: Set<String> = []
        let layers = entries.compactMap { (entry) -> TorchLayer? in
            guard entry.shape.map({ $0.count == 2 }) ?? true,
                let path = Self.layer(ofWeight: entry.name), taken.insert(path).inserted
            else { return nil }
            return TorchLayer(path: path, shape: entry.shape)
        }
        self.layers = layers
        placeOfLayer = Dictionary(
            uniqueKeysWithValues: layers.indices.map { (layers[$0].path, $0) })
        numbered = NumberedLayers.byModule(layers)
    }

    /// The layer of this path.
    func layer(at path: String) -> TorchLayer? { placeOfLayer[path].map { layers[$0] } }

    /// The path of the layer whose weights a tensor holds, by its name.
    static func layer(ofWeight name: String) -> String? {
        if let range = name.firstRange(of: packed) { return String(name[..<range.lowerBound]) }
        for weight in weightNames.reversed() {
            if name == weight { return "" }
            if name.hasSuffix("." + weight) { return String(name.dropLast(weight.count + 1)) }
        }
        return nil
    }

    // MARK: Heads

    /// The layers below a module that are heads by their names: of a known name at any depth, the
    /// last layer of a numbered sequence that is a known module or the whole of what lies below,
    /// and a layer that has everything below to itself. Layers within numbered blocks are the
    /// backbone's.
    func heads(below module: String) -> [TorchLayer] {
        let root = commonModule(below: module)
        return layers(below: root).filter { $0.path == root || isHead($0, below: root) }
    }

    /// The layers below a module, and itself where it is one, in file order. Does not look at
    /// others: this is asked for many modules.
    private func layers(below module: String) -> [TorchLayer] {
        guard !module.isEmpty else { return layers }
        let places = names(below: module).compactMap { name in
            Self.layer(ofWeight: name).flatMap { placeOfLayer[$0] }
        }
        return Set(places).sorted().map { layers[$0] }
    }

    /// The names of the tensors below a module.
    private func names(below module: String) -> [String] {
        guard !module.isEmpty else { return names }
        return checkpoint.names(beginningWith: module + ".")
            + checkpoint.names(beginningWith: module + "/")
    }

    private func isHead(_ layer: TorchLayer, below root: String) -> Bool {
        let path = layer.path.pathParts
        let module = layer.path.parentPath
        guard Int(layer.path.lastPart) != nil else {
            let ownCount = LayerNames.count(of: path)
            return ownCount > 0 && !isInBlock(path.dropLast(ownCount), below: root)
        }
        guard isHeadModule(module, below: root), let numbers = numbered[module] else {
            return false
        }
        return !numbers.isSequence || numbers.layers.last?.layer == layer
    }

    /// Whether the layers of a module are a head's: it has a known name, or is all there is.
    func isHeadModule(_ module: String, below root: String) -> Bool {
        module == root
            || (LayerNames.modules.contains(module.lastPart)
                && !isInBlock(module.pathParts.dropLast(), below: root))
    }

    /// Whether a path leads through a number behind a name, as `layers.3.attention` does.
    private func isInBlock(_ path: ArraySlice<Substring>, below root: String) -> Bool {
        let rootCount = root.isEmpty ? 0 : root.pathParts.count
        return path.dropFirst(rootCount + 1).contains { Int($0) != nil }
    }

    /// The module that holds everything below `module`: `model` where all names begin with
    /// `model.`; `module` itself where there is none.
    func commonModule(below module: String) -> String {
        var common: [Substring]?
        for name in names(below: module) {
            let path = name.pathParts.dropLast()
            guard let known = common else {
                common = Array(path)
                continue
            }
            common = zip(known, path).prefix { $0 == $1 }.map(\.0)
        }
        let found = common?.joined(separator: ".") ?? ""
        return found.isBelow(module) ? found : module
    }

    /// Paths of the modules directly below `module`, each with the name of its first tensor, and
    /// the names of the tensors that it has itself.
    func children(
        of module: String
    ) -> (modules: [(path: String, firstTensor: String)], tensors: [String]) {
        var modules: [(path: String, firstTensor: String)] = []
        var taken: Set<String> = []
        var tensors: [String] = []
        let start = module.isEmpty ? "" : module + "."
        for name in checkpoint.names(beginningWith: start) {
            let path = name.without(start)
            guard let end = path.firstIndex(of: ".") else {
                tensors.append(name)
                continue
            }
            let child = start + path[..<end]
            if taken.insert(child).inserted { modules.append((child, name)) }
        }
        return (modules, tensors)
    }

    /// Paths of the modules, not at the root, whose last parts are `parts`; each once.
    func paths(endingWith parts: String) -> [String] {
        let sign = "." + parts + "."
        var taken: Set<String> = []
        return names.compactMap { name in
            guard let range = name.firstRange(of: sign) else { return nil }
            let path = String(name[..<range.upperBound].dropLast())
            return taken.insert(path).inserted ? path : nil
        }
    }
}
