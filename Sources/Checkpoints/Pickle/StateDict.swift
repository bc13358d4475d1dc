/// The tensors and attributes of an unpickled object, under dotted names.
///
/// A state dict is taken as it is; a whole module stands for its state dict. Training scripts wrap
/// them in a dictionary:
/// - Where the top level holds no tensor but scalars (the best accuracy) and a `TopLevel.wrapper`,
///   that is the state dict and the rest gives attributes only.
/// - Otherwise nested dictionaries and lists are flattened by dots, so that each of several state
///   dicts (raw and averaged weights, teacher and student) has names of its own.
///
/// A prefix `module.` is stripped that all of one of several state dicts have; that of all tensors
/// is left to the checkpoint, which may lie in several files. Optimisers' tensors are left out.
struct StateDict {
    /// In file order; a name may occur twice.
    private(set) var tensors: [(name: String, tensor: PickledTensor)] = []
    private(set) var unread: [UnreadTensor] = []
    private(set) var attributes: [String: AttributeValue] = [:]
    /// As in `Checkpoint`, as is `wrapper`.
    private(set) var stateDicts: [String] = []
    private(set) var wrapper: String?

    /// The keys of the storages that tensors lie in.
    var storageKeys: Set<String> {
        var keys: Set<String> = []
        for case .view(let view) in tensors.lazy.map(\.tensor) { keys.insert(view.storage.key) }
        return keys
    }

    init(
        _ document: PickleDocument, path: String, limits: ReadLimits
    ) throws(CheckpointError) {
        try ForbiddenCode.refuse(in: document, path: path)
        var walk = StateDictWalk(document, path: path, limits: limits)
        if document.isMapping(document.root) {
            try visitTopLevel(of: document, &walk, limits: limits)
        } else {
            try walk.visit(document.root, depth: 0, collectsTensors: true)
        }
        tensors = walk.tensors
        unread = walk.unread
        attributes = walk.attributes
    }

    private mutating func visitTopLevel(
        of document: PickleDocument, _ walk: inout StateDictWalk, limits: ReadLimits
    ) throws(CheckpointError) {
        walk.begin(document.root)
        var search = TensorSearch(document, path: walk.path, limits: limits)
        let entries = try walk.entries(of: document.root)
        let topLevel = try TopLevel(entries, in: document, &search)
        try walk.countSteps(search.visitCount)
        wrapper = topLevel.wrapper?.key
        stateDicts = topLevel.stateDicts
        for entry in topLevel.entries where entry.key != wrapper {
            let position = walk.position
            try walk.visit(
                entry.value, under: entry.name, depth: 1,
                collectsTensors: wrapper == nil && !entry.isOptimizer)
            if entry.isStateDict, !stateDicts.isEmpty {
                walk.strip(
                    CheckpointContents.parallelPrefix, below: "\(entry.key).", since: position)
            }
        }
        if let wrapper = topLevel.wrapper {
            try walk.visit(wrapper.value, depth: 1, collectsTensors: true)
        }
    }
}
