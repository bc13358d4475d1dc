/// The tensors and layers of a file whose full names end with what `model.json` says, as they do
/// where a wrapper (`module.`, `base_model.model.`) stands around a model.
struct NameEndings {
    /// Full names, each once, in file order.
    let names: [String]

    /// Names that may follow that of a layer.
    private static let parts = ["weight", "weight_v", "weight_g", "bias", "kernel", "w", "b"]

    init(_ name: String, among all: some Sequence<String>) {
        var taken: Set<String> = []
        let found = all.compactMap { full -> String? in
            let path = Self.parts.contains(full.lastPart) ? full.parentPath : full
            let match = [full, path].first { PrefixMatch.ends($0, with: name) }
            return match.flatMap { taken.insert($0).inserted ? $0 : nil }
        }
        names = UntrainedTwins.without(found)
    }
}

/// Weights as they were before training, which PEFT keeps beside the trained ones.
enum UntrainedTwins {
    private static let (untrained, trained) = ("original_module", "modules_to_save")

    /// Whether a name leads through untrained weights.
    static func isOne(_ name: String) -> Bool {
        name.split { $0 == "." || $0 == "/" }.contains { $0 == untrained }
    }

    /// Whether a module holds the trained or the untrained weights of the one around it.
    static func isWrapper(_ path: String) -> Bool { [untrained, trained].contains(path.lastPart) }

    /// The path of the trained weights beside the untrained ones that a layer's path leads through,
    /// where the file has them.
    static func trained(besides path: String, among names: some Sequence<String>) -> String? {
        guard let range = path.firstRange(of: untrained) else { return nil }
        let twin = path[..<range.lowerBound] + trained
        return names.contains { $0.isBelow(String(twin)) } ? String(twin) : nil
    }

    /// The names without those of untrained weights, unless there are no others.
    static func without(_ names: [String]) -> [String] {
        let trained = names.filter { !isOne($0) }
        return trained.isEmpty ? names : trained
    }
}
