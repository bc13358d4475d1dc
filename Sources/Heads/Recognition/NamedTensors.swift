internal import Checkpoints
internal import LogitKernels

/// The tensors that `tensors` in `model.json` names, in the whole file or below its prefix.
struct NamedTensors {
    /// The whole file.
    private let tensors: TensorTable
    private let manifest: ModelManifest
    /// The modules of the file, if they were looked for already: a pass over all of its tensors.
    private let modules: TorchModules?

    init(_ tensors: TensorTable, _ manifest: ModelManifest, modules: TorchModules? = nil) {
        self.tensors = tensors.at("")
        self.manifest = manifest
        self.modules = modules
    }

    init(_ places: HeadPlaces) {
        self.init(places.table(""), places.manifest, modules: places.modules)
    }

    /// The layer of the head, or one of its layers, by the name of its weights. Refuses a prefix
    /// that none of the names is below, which would have no effect.
    func head(_ name: String) throws(ModelError) -> LayerTensors {
        let layer = try layer(name)
        guard let prefix, !prefix.isEmpty else { return layer }
        let names = manifest.tensors?.given.flatMap(\.names) ?? []
        let isUsed = names.contains { name in
            name == prefix || name.isBelow(prefix) || layer.weight.isBelow(prefix)
                || full(name).dropLast().contains { full in
                    tensors.contains(full) || tensors.contains(below: full + ".")
                        || tensors.contains(below: full + "/")
                }
        }
        guard isUsed else {
            throw .contradiction(
                key: ModelManifest.CodingKeys.prefix.rawValue,
                reason: "'tensors' names '\(layer.weight)' as the weights, which is not below it; "
                    + "remove one of the two")
        }
        return layer
    }

    private var prefix: String? { manifest.prefix(in: tensors.checkpoint) }

    /// The layer of this name, or with the weights of this name: a module of PyTorch or of the JAX
    /// code, coefficients of scikit-learn, or a matrix alone. Refuses a name that is not there.
    func layer(_ name: String) throws(ModelError) -> LayerTensors {
        if let layer = try layer(among: full(name)) { return layer }
        if let full = try byEnding(name), let layer = try layer(among: [full]) { return layer }
        throw unknown(name)
    }

    private func layer(among names: [String]) throws(ModelError) -> LayerTensors? {
        for name in names {
            if let layer = try module(name) { return layer }
            if let layer = try matrix(name) { return layer }
        }
        return nil
    }

    /// The only tensor or layer whose full name ends so, as a prefix may be the end of a path.
    private func byEnding(_ name: String) throws(ModelError) -> String? {
        let found = NameEndings(name, among: tensors.checkpoint.allNames).names
        guard found.count > 1 else { return found.first }
        let places = found.map { HeadPlace(name: $0, shape: nil) }
        throw .contradiction(
            key: ModelManifest.CodingKeys.tensors.rawValue,
            reason: "'\(name)' is the end of several names, \(HeadPlace.list(places)); say one of "
                + "them in full")
    }

    /// The same layer with the bias that is named, if one is.
    func completed(_ layer: LayerTensors) throws(ModelError) -> LayerTensors {
        guard let name = manifest.tensors?.bias else { return layer }
        for name in full(name).flatMap({ [$0, $0 + ".bias", $0 + "/bias"] })
        where tensors.contains(name) {
            return try replacing(layer, bias: name)
        }
        if let full = try byEnding(name) {
            let names = [full, full + ".bias", full + "/bias"]
            if let bias = names.first(where: { tensors.contains($0) }) {
                return try replacing(layer, bias: bias)
            }
        }
        throw unknown(name)
    }

    private func replacing(_ layer: LayerTensors, bias: String) throws(ModelError) -> LayerTensors {
        var layer = layer
        if let own = layer.bias, own != bias {
            throw .unexpectedTensor(
                name: own,
                reason: "'tensors' in model.json names '\(bias)' as the bias in its place")
        }
        layer.bias = bias
        return layer
    }

    /// The names that may be meant, in the order of preference.
    private func full(_ name: String) -> [String] {
        guard let prefix, !prefix.isEmpty else { return [name] }
        return [prefix + "." + name, prefix + "/" + name, name]
    }

    private func module(_ name: String) throws(ModelError) -> LayerTensors? {
        if let path = TorchModules.layer(ofWeight: name), tensors.contains(name) {
            return try tensors.torchTensors(path)
        }
        if tensors.contains(below: name + ".") {
            let modules = modules ?? TorchModules(tensors.checkpoint)
            if modules.layer(at: name) != nil {
                return try tensors.torchTensors(name)
            }
        }
        if let layer = try jaxModule(name) { return layer }
        return try HaikuLayer.tensors(name, in: tensors)
    }

    /// The layer whose `kernel` [inputs, outputs] is meant by its own name or its layer's, its
    /// parts between slashes or, as other containers keep them, dots.
    private func jaxModule(_ name: String) throws(ModelError) -> LayerTensors? {
        let kernel = "kernel"
        let names = name.lastPart == kernel ? [name] : ["\(name)/\(kernel)", "\(name).\(kernel)"]
        guard let weight = names.first(where: { tensors.contains($0) }) else { return nil }
        let start = String(weight.dropLast(kernel.count))
        let bias = start + "bias"
        let layer = LayerTensors(
            name: start.trimmedPath, weight: weight, bias: tensors.contains(bias) ? bias : nil,
            layout: .inputMajor)
        try tensors.refuseUnused(below: start, besides: layer.used)
        return layer
    }

    private func matrix(_ name: String) throws(ModelError) -> LayerTensors? {
        guard tensors.contains(name) else { return nil }
        if name.lastPart == LinearModel.coefficients {
            return LinearModel.layer(name, in: tensors)
        }
        try PerceptronLayer.refuse(name, shape: tensors.shape(name))
        let layer = LayerTensors(name: name, weight: name)
        try tensors.refuseUnused(below: name + ".", besides: layer.used)
        return layer
    }

    private func unknown(_ name: String) -> ModelError {
        let near = NearNames(of: name, among: tensors.checkpoint.tensors.map(\.name)).names
        let hint =
            near.isEmpty
            ? "" : "; near it are " + near.map { "'\($0)'" }.joined(separator: ", ")
        return .contradiction(
            key: ModelManifest.CodingKeys.tensors.rawValue,
            reason: "there is no tensor or layer '\(name)'\(hint)")
    }
}
