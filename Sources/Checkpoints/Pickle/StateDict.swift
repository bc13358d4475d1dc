/// The tensors and attributes of an unpickled object, under dotted names.
///
/// A state dict is taken as it is; a whole module stands for its state dict. Where the top level
/// holds no tensor but scalars (training scripts leave their best accuracy there) and exactly one
/// of `wrapperKeys` holds a dictionary or a module with tensors, that is the state dict and the
/// rest gives attributes only. Otherwise nested dictionaries and lists are flattened by dots. A
/// prefix `module.` that every tensor has is stripped. Subtrees of the top level in `trainingKeys`
/// are left out.
struct StateDict {
    static let wrapperKeys: Set<String> = [
        "state_dict", "model_state_dict", "model", "net", "params",
    ]
    static let trainingKeys: Set<String> = [
        "optimizer", "optim", "scaler", "scheduler", "ema_optimizer",
    ]
    private static let parallelPrefix = "module."

    /// In file order; a name may occur twice.
    private(set) var tensors: [(name: String, view: TorchTensor)] = []
    private(set) var unread: [UnreadTensor] = []
    private(set) var attributes: [String: AttributeValue] = [:]

    init(
        _ document: PickleDocument, path: String, limits: ReadLimits
    ) throws(CheckpointError) {
        try ForbiddenCode.refuse(in: document, path: path)
        var walk = StateDictWalk(document, path: path, limits: limits)
        if document.isMapping(document.root) {
            try Self.visitTopLevel(of: document, &walk)
        } else {
            try walk.visit(document.root, name: nil, depth: 0, collectsTensors: true)
        }
        attributes = walk.attributes
        let names = walk.tensors.map(\.name) + walk.unread.map(\.name)
        let isParallel = names.allSatisfy { $0.hasPrefix(Self.parallelPrefix) }
        let prefixCount = isParallel ? Self.parallelPrefix.count : 0
        tensors = walk.tensors.map { (String($0.name.dropFirst(prefixCount)), $0.view) }
        unread = walk.unread.map { tensor in
            UnreadTensor(
                name: String(tensor.name.dropFirst(prefixCount)), shape: tensor.shape,
                type: tensor.type, reason: tensor.reason)
        }
    }

    private static func visitTopLevel(
        of document: PickleDocument, _ walk: inout StateDictWalk
    ) throws(CheckpointError) {
        walk.begin(document.root)
        let entries = try walk.entries(of: document.root, name: nil)
        let wrapper = wrapper(entries, in: document)
        for entry in entries {
            guard let key = document.keyText(entry.key), !trainingKeys.contains(key),
                key != wrapper?.key
            else { continue }
            try walk.visit(entry.value, name: key, depth: 1, collectsTensors: wrapper == nil)
        }
        if let wrapper {
            try walk.visit(wrapper.value, name: nil, depth: 1, collectsTensors: true)
        }
    }

    private static func wrapper(
        _ entries: [PickleNode.Entry], in document: PickleDocument
    ) -> (key: String, value: PickleValue)? {
        guard !entries.contains(where: { document.isTensor($0.value, orScalar: false) }) else {
            return nil
        }
        var found: [(key: String, value: PickleValue)] = []
        for entry in entries {
            guard let key = document.keyText(entry.key), wrapperKeys.contains(key),
                document.isMapping(entry.value) || document.isModule(entry.value),
                document.holdsTensor(entry.value)
            else { continue }
            found.append((key, entry.value))
        }
        return found.count == 1 ? found[0] : nil
    }
}
