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
    /// head, in file order; without the head's own layers and the one that `pre_logits` runs. Where
    /// the last of them has other outputs than the head has inputs (`width`), the head does not
    /// get them: models may take their features from elsewhere. `before` are the layers of the
    /// head's own module that come before it, and behind all others. A head of one layer has no
    /// parts `onLevel`, so that others there may stand before it whatever their names.
    func places(
        besides own: [String], before: [String] = [], width: Int?, onLevel: Bool = false
    ) -> [HeadPlace] {
        var taken: Set<String> = []
        var paths: [String] = []
        let known = PathSet(own + before)
        for name in checkpoint.allNames where name.isBelow(module) && !HeadPlaces.isTraining(name) {
            guard let path = path(of: name), taken.insert(path).inserted,
                !known.holds(path), !runs(path)
            else { continue }
            paths.append(path)
        }
        let fits = { (path: String) in
            guard let width, let outputs = outputCount(path) else { return true }
            return outputs == width
        }
        if before.isEmpty, !paths.contains(where: fits) { paths = [] }
        taken.formUnion(before)
        if onLevel {
            paths += beside(own, width: width).filter { taken.insert($0).inserted }
        }
        return (paths + before).filter { !runs($0) }.map { place($0) }
    }

    /// Those on the head's own level whose outputs it could get, whatever their names.
    private func beside(_ own: [String], width: Int?) -> [String] {
        guard let width, let first = own.first else { return [] }
        return LevelParts(
            beside: own, in: module, shape: place(first).shape ?? [], inputs: width, outputs: 0,
            of: checkpoint
        ).before
    }

    /// Numbers that a layer puts out; nil where it has no weights of its own.
    private func outputCount(_ path: String) -> Int? {
        if let kernel = checkpoint[path + "/kernel"] { return kernel.shape.last }
        return place(path).shape?.first
    }

    /// A module by its path, with the shape of its weights.
    private func place(_ path: String) -> HeadPlace {
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
    private func runs(_ path: String) -> Bool {
        guard manifest.preLogits ?? PreLogitsActivation.none != .none else { return false }
        guard let named = manifest.tensors?.preLogits else { return path.lastPart == "pre_logits" }
        return path == named || named.isBelow(path) || PrefixMatch.ends(path, with: named)
    }
}
