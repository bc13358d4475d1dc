internal import Checkpoints

/// The layers of a checkpoint that stand between a model's features and its head and do not run
/// here, so that instances must have passed through them.
struct PassedLayers {
    private let manifest: ModelManifest
    private let checkpoint: Checkpoint
    /// The module that the head belongs to.
    private let module: String

    init(_ manifest: ModelManifest, _ checkpoint: Checkpoint, module: String) {
        self.manifest = manifest
        self.checkpoint = checkpoint
        self.module = module
    }

    /// Those beside the head or anywhere below its module whose names say that they come before a
    /// head, in file order; without the head's own layers and the one that `pre_logits` runs.
    func places(besides own: [String]) -> [HeadPlace] {
        var taken: Set<String> = []
        var paths: [String] = []
        for name in checkpoint.allNames where name.isBelow(module) && !HeadPlaces.isTraining(name) {
            guard let path = path(of: name), taken.insert(path).inserted,
                !own.contains(where: { path == $0 || path.isBelow($0) && !$0.isEmpty }),
                !runs(path)
            else { continue }
            paths.append(path)
        }
        return paths.map { place($0) }
    }

    /// A module by its path, with the shape of its weights.
    func place(_ path: String) -> HeadPlace {
        let names = [path, path + ".weight", path + "/kernel", path + "/scale"]
        return HeadPlace(name: path, shape: names.lazy.compactMap { checkpoint[$0]?.shape }.first)
    }

    /// The path of the layer before a head that a tensor belongs to: up to the part of its name
    /// that says so, and the `dense` within a pooler. Within numbered blocks there is none.
    private func path(of name: String) -> String? {
        let start = module.isEmpty ? 0 : module.count + 1
        let parts = name.dropFirst(start).split(
            omittingEmptySubsequences: false
        ) { $0 == "." || $0 == "/" }
        if parts.count == 1 { return LayerNames.scaler.contains(String(parts[0])) ? name : nil }
        guard
            let index = parts.dropLast().firstIndex(where: {
                LayerNames.beforeHead.contains(String($0))
            }),
            !parts[..<index].dropFirst().contains(where: { Int($0) != nil })
        else { return nil }
        let next = parts[index + 1]
        let isInner = index + 2 < parts.count && ["dense", "summary"].contains(next)
        return String(name[..<(isInner ? next : parts[index]).endIndex])
    }

    /// Whether `pre_logits` runs this layer.
    func runs(_ path: String) -> Bool {
        guard manifest.preLogits ?? PreLogitsActivation.none != .none else { return false }
        guard let named = manifest.tensors?.preLogits else { return path.lastPart == "pre_logits" }
        return path == named || named.isBelow(path) || PrefixMatch.ends(path, with: named)
    }
}
