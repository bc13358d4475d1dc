/// The last argument of a tensor's constructor, where it says that elements are not what is stored.
enum TorchMetadata {
    case plain
    /// Each element is the negative of what is stored.
    case negated
    case unknown(key: String)
    case malformed

    /// `arguments` are those behind the ones every tensor has: none, None, or a dictionary of
    /// flags.
    init(_ arguments: ArraySlice<PickleValue>, in document: PickleDocument) {
        self = .plain
        guard let metadata = arguments.first, metadata != .none || arguments.count > 1 else {
            return
        }
        let entries = document.entries(of: metadata)
        // PyTorch has two flags; more are of a later version, and many of nobody.
        guard arguments.count == 1, document.isMapping(metadata), entries.count <= 16 else {
            self = .malformed
            return
        }
        for entry in document.unique(entries) {
            guard let key = document.text(entry.key) else {
                self = .malformed
                return
            }
            switch (key, entry.value) {
            case (_, .bool(false)): continue
            case ("neg", .bool(true)): self = .negated
            // Complex numbers are not read, and others are their own conjugates.
            case ("conj", .bool(true)): continue
            default:
                self = .unknown(key: String(key.prefix(40)))
                return
            }
        }
    }
}
