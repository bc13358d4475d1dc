/// The other parts of the module that a head's layer is the last one of.
struct LayerNeighbours: Sendable, Equatable {
    /// Paths of modules whose outputs the layer gets.
    var before: [String] = []
    /// Names of the first tensors of modules behind the layer in its sequence, and of tensors that
    /// belong to the module itself.
    var behind: [String] = []
}

extension TorchModules {
    /// The parts of a numbered sequence before and behind the layer, and all other parts of a
    /// module with a head's name. In any other module a head stands beside the backbone, and a
    /// list has no order.
    func neighbours(of layer: TorchLayer) -> LayerNeighbours {
        let module = layer.path.parentPath
        let own = Int(layer.path.lastPart)
        if own != nil {
            guard numbered[module]?.isSequence ?? true else { return LayerNeighbours() }
        } else {
            guard LayerNames.modules.contains(module.lastPart) else { return LayerNeighbours() }
        }
        let (parts, tensors) = children(of: module)
        var found = LayerNeighbours()
        for part in parts
        where part.path != layer.path
            && !UntrainedTwins.isWrapper(part.path)
        {
            if let own, let number = Int(part.path.lastPart), number > own {
                found.behind.append(part.firstTensor)
            } else {
                found.before.append(part.path)
            }
        }
        if LayerNames.modules.contains(module.lastPart) { found.behind += tensors }
        return found
    }
}

extension LayerNeighbours {
    /// Refuses a module with anything behind the layer `path`, unless `model.json` names just this
    /// layer.
    func refuseBehind(_ path: String, _ manifest: ModelManifest) throws(ModelError) {
        guard let tensor = behind.first, manifest.prefix?.trimmedPath != path else { return }
        throw .unexpectedTensor(
            name: tensor,
            reason: "what stands behind '\(path)' in its module does not run here; where it "
                + "changes nothing, name the layer alone: \"prefix\": \"\(path)\"")
    }
}
