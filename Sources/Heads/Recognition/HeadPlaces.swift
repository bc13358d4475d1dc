internal import Checkpoints
internal import LogitKernels

/// The places in a checkpoint where a head could be.
struct HeadPlaces {
    let manifest: ModelManifest
    let checkpoint: Checkpoint
    var uses: WeightUses?
    var weights = WeightFormat.float32

    /// Parts of a training checkpoint that repeat the weights' names but are not weights.
    private static let training = ["opt/state/", "extra/", "states/"]

    /// The names of all tensors that may be weights, in file order.
    var names: some Sequence<String> {
        checkpoint.tensors.lazy.map(\.name).filter { name in
            !Self.training.contains { name.hasPrefix($0) }
        }
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
    var torch: TensorTable {
        let prefix = manifest.prefix ?? ""
        let isComplete = prefix.isEmpty || prefix.hasSuffix(".")
        return table(isComplete ? prefix : prefix + ".")
    }

    private func table(_ prefix: String) -> TensorTable {
        TensorTable(checkpoint: checkpoint, prefix: prefix, uses: uses, format: weights)
    }

    // MARK: Choice

    /// The only place, or the one `model.json` names; nil when there is none.
    func chosen<Place>(
        _ places: [Place], prefix: (Place) -> String
    ) throws(ModelError) -> Place? {
        guard !places.isEmpty else { return nil }
        let matching = manifest.prefix == nil ? places : places.filter { isNamed(prefix($0)) }
        guard matching.count > 1 else {
            guard let place = matching.first else {
                throw .contradiction(
                    key: "prefix", reason: "heads are at \(Self.list(places.map(prefix)))")
            }
            return place
        }
        if let exact = matching.first(where: { Self.trimmed(prefix($0)) == namedPrefix }) {
            return exact
        }
        throw .missingManifestKeys(
            keys: ["prefix"], reason: "there are heads at \(Self.list(matching.map(prefix)))")
    }

    /// The prefixes as text, no more than a reader can take in.
    private static func list(_ prefixes: [String]) -> String {
        let listed = prefixes.prefix(8).map { "'\($0)'" }.joined(separator: ", ")
        return prefixes.count > 8 ? "\(listed) and \(prefixes.count - 8) more places" : listed
    }

    /// Whether `model.json` gives this prefix or its last parts: `multiclass_head` is found below
    /// `opt/target/` and `params/`.
    func isNamed(_ prefix: String) -> Bool {
        guard let namedPrefix else { return false }
        let place = Self.trimmed(prefix)
        return place == namedPrefix
            || (!namedPrefix.isEmpty && ["/", "."].contains { place.hasSuffix($0 + namedPrefix) })
    }

    private var namedPrefix: String? { manifest.prefix.map(Self.trimmed) }

    private static func trimmed(_ prefix: String) -> String {
        prefix.hasSuffix("/") || prefix.hasSuffix(".") ? String(prefix.dropLast()) : prefix
    }

    // MARK: Heads that are not served

    /// Heads with a Gaussian process keep its precision beside the weights (edward2,
    /// `jax/nn/random_feature.py`); their answers need its variance.
    func refuseGaussianProcess() throws(ModelError) {
        let names = checkpoint.tensors.map(\.name)
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
