internal import Checkpoints
internal import LogitKernels

/// The places in a checkpoint where a head could be.
struct HeadPlaces {
    let manifest: ModelManifest
    let checkpoint: Checkpoint
    let modules: TorchModules
    private let uses: WeightUses?
    private let weights: WeightFormat

    init(
        manifest: ModelManifest, checkpoint: Checkpoint, uses: WeightUses? = nil,
        weights: WeightFormat = .float32
    ) {
        self.manifest = manifest
        self.checkpoint = checkpoint
        modules = TorchModules(checkpoint)
        self.uses = uses
        self.weights = weights
    }

    /// Parts of a training checkpoint that repeat the weights' names but are not weights.
    private static let training = ["opt/state/", "extra/", "states/"]

    /// The names of all tensors that may be weights, in file order.
    var names: some Sequence<String> {
        checkpoint.allNames.lazy.filter { !Self.isTraining($0) }
    }

    /// Whether a tensor is what training left beside the weights.
    static func isTraining(_ name: String) -> Bool {
        training.contains { name.hasPrefix($0) }
    }

    /// The tensors at the place of the one called `name`, if that ends with `marker`.
    func table(
        _ name: String, before marker: String, separator: String
    ) -> TensorTable? {
        guard name == marker || name.hasSuffix(separator + marker) else { return nil }
        return table(String(name.dropLast(marker.count)))
    }

    /// The tensors of a PyTorch module, whose heads have no place of their own: those below the
    /// prefix that `model.json` gives.
    var torch: TensorTable { table(inModule: prefix ?? "") }

    /// The tensors of the PyTorch module `path`.
    func table(inModule path: String) -> TensorTable { table(path.isEmpty ? "" : path + ".") }

    func table(_ prefix: String) -> TensorTable {
        TensorTable(checkpoint: checkpoint, prefix: prefix, uses: uses, format: weights)
    }

    // MARK: Choice

    private var prefix: String? { manifest.prefix(in: checkpoint) }

    /// The places that `model.json` names; all where it has no prefix.
    func named<Place>(_ places: [Place], path: (Place) -> String) -> [Place] {
        PrefixMatch.best(places, prefix) { path($0).trimmedPath }
    }

    /// Whether `model.json` gives this prefix or its last parts: `multiclass_head` is found below
    /// `opt/target/` and `params/`.
    func isNamed(_ path: String) -> Bool {
        guard let prefix else { return false }
        return path.trimmedPath == prefix || PrefixMatch.ends(path.trimmedPath, with: prefix)
    }

    /// The dense layers of PyTorch modules that could be heads: without a prefix, those with the
    /// name of one; else the layer of that path or those that end so, or, where it is a module's,
    /// the layers below it with the name of a head.
    var denseLayers: [TorchLayer] {
        guard let prefix else { return modules.heads(below: "") }
        if let layer = modules.layer(at: prefix) { return [layer] }
        let below = modules.heads(below: prefix)
        if !below.isEmpty { return below }
        let layers = modules.layers.filter { PrefixMatch.ends($0.path, with: prefix) }
        let paths = Set(layers.map(\.path))
        return layers
            + modules.paths(endingWith: prefix).flatMap { modules.heads(below: $0) }
            .filter { !paths.contains($0.path) }
    }

    /// The name of the array that a file consists of, if it has this rank: a `.npy` file, or a
    /// tensor that PyTorch saved by itself. The file has no places that a prefix could name.
    func array(rank: Int) -> String? {
        guard checkpoint.tensors.count == 1, checkpoint.unread.isEmpty, (prefix ?? "").isEmpty,
            checkpoint.tensors[0].name.isEmpty, checkpoint.tensors[0].shape.count == rank
        else { return nil }
        return checkpoint.tensors[0].name
    }

    // MARK: Heads that are not served

    /// Heads with a Gaussian process keep its precision beside the weights (edward2,
    /// `jax/nn/random_feature.py`); their answers need its variance.
    func refuseGaussianProcess() throws(ModelError) {
        let names = checkpoint.allNames
        let signs = ["states/random_features", "states/laplace_covariance"]
        guard
            let tensor = names.first(where: { $0.contains("loc_layer/output_layer/") })
                ?? names.first(where: { name in signs.contains { name.hasPrefix($0) } })
        else { return }
        let isHeteroscedastic = names.contains { $0.contains("loc_layer/") }
        throw .unsupportedHead(
            name: isHeteroscedastic ? "this is a HetSNGP head" : "this is an SNGP head",
            tensor: tensor, reason: "its Gaussian-process variance is not supported")
    }
}

extension ModelManifest {
    /// The prefix that `model.json` gives, without a separator at its end and without a key around
    /// the only state dict of the checkpoint, which names leave out.
    func prefix(in checkpoint: Checkpoint) -> String? {
        guard let told = prefix?.trimmedPath else { return nil }
        guard let wrapper = checkpoint.wrapper else { return told }
        if told == wrapper { return nil }
        return told.isBelow(wrapper) ? String(told.dropFirst(wrapper.count + 1)) : told
    }
}
