/// A storage as a pickle names it: elements outside the pickle, nothing checked yet.
struct TorchStorage: Equatable {
    /// The part of another storage that a storage of old PyTorch versions could be.
    struct Window: Equatable {
        let key: String
        /// Offset in elements of the storage's type, as is `count`.
        let offset: Int
        let count: Int
    }

    /// The storage's class, for example `torch.FloatStorage`.
    let type: PickleNode.Name
    /// Names the elements: a member of the archive, or an entry of a legacy file.
    let key: String
    /// Elements of a typed storage, bytes of an untyped one.
    let count: Int
    /// The elements that are meant; nil for all.
    private(set) var window: Window?

    /// The storage that this one is a window into, else this one.
    var whole: TorchStorage {
        var whole = self
        whole.window = nil
        return whole
    }

    /// Reads the identification ('storage', class, key, device, count) or, in legacy files,
    /// ('storage', class, key, device, count, None or (window's key, offset, count)).
    init?(_ node: PickleNode, in document: PickleDocument) {
        guard node.kind == .persistent, let fields = document.sequence(node.arguments),
            (5...6).contains(fields.count), document.text(fields[0]) == "storage",
            let type = document.globalName(fields[1]), let key = document.text(fields[2]),
            case .int(let count) = fields[4]
        else { return nil }
        if fields.count == 6, fields[5] != .none {
            guard let parts = document.sequence(fields[5]), parts.count == 3,
                let key = document.text(parts[0]), case .int(let offset) = parts[1],
                case .int(let count) = parts[2]
            else { return nil }
            window = Window(key: key, offset: offset, count: count)
        } else {
            window = nil
        }
        self.type = type
        self.key = key
        self.count = count
    }
}
