/// Whole pickled modules: `torch.save(module)` instead of `torch.save(module.state_dict())`.
extension StateDictWalk {
    /// Collects the parameters, the persistent buffers and the modules inside of `module`, in the
    /// order and under the names of its `state_dict()`, and those of its other
    /// attributes that are scalars or lists of integers. Names with an underscore in front belong
    /// to `torch.nn.Module` itself and are left out. Objects of PyTorch's C++ code, in which
    /// quantised modules keep their weights, are unread tensors.
    mutating func visitModule(
        _ module: PickleValue, depth: Int
    ) throws(CheckpointError) {
        var tables: [String: PickleValue] = [:]
        for field in try entries(of: module) {
            guard let key = document.text(field.key) else { continue }
            if document.isScriptObject(field.value) {
                try add(unreadMember(field.value), under: field.key)
            } else if key.hasPrefix("_") {
                tables[key] = field.value
            } else {
                try addAttribute(field)
            }
        }
        try addTensors(of: tables["_parameters"])
        let transient = try names(in: tables["_non_persistent_buffers_set"])
        try addTensors(of: tables["_buffers"], except: transient)
        for child in try members(of: tables["_modules"]) {
            guard try isModule(child.value) else {
                try add(unreadMember(child.value), under: child.key)
                continue
            }
            try visit(child.value, under: child.key, depth: depth + 1, collectsTensors: true)
        }
    }

    private mutating func add(
        _ recognition: TensorRecognition, under key: PickleValue
    ) throws(CheckpointError) {
        try inside(key) { (walk) throws(CheckpointError) in try walk.add(recognition) }
    }

    private mutating func addAttribute(_ field: PickleNode.Entry) throws(CheckpointError) {
        guard let node = document.node(field.value) else {
            return try visit(field.value, under: field.key, depth: 0, collectsTensors: false)
        }
        let isSequence = node.kind == .list || node.kind == .tuple
        guard let items = isSequence ? node.items : document.sizes(of: node)
        else { return }
        try countVisits(items.count)
        guard let integers = integers(items) else { return }
        try inside(field.key) { (walk) throws(CheckpointError) in try walk.add(.ints(integers)) }
    }

    private mutating func addTensors(
        of table: PickleValue?, except: Set<String> = []
    ) throws(CheckpointError) {
        for entry in try members(of: table, except: except) {
            try add(document.tensor(entry.value) ?? unreadMember(entry.value), under: entry.key)
        }
    }

    /// The entries of `table` that are not None.
    private mutating func members(
        of table: PickleValue?, except: Set<String> = []
    ) throws(CheckpointError) -> [PickleNode.Entry] {
        guard let table, let node = document.node(table) else { return [] }
        try countVisits(document.childCount(of: node))
        return try entries(of: table).filter { entry in
            guard let key = document.keyText(entry.key) else { return false }
            return !except.contains(key) && entry.value != .none
        }
    }

    /// The strings in a set: an own kind of object since protocol 4, before that a call.
    private mutating func names(
        in set: PickleValue?
    ) throws(CheckpointError) -> Set<String> {
        guard let node = set.flatMap(document.node) else { return [] }
        let argument = document.sequence(node.arguments)?.first
        let items = node.kind == .set ? node.items : argument.flatMap(document.sequence) ?? []
        try countVisits(items.count)
        var names: Set<String> = []
        for text in items.lazy.compactMap(document.text) {
            try check(.nameByteCount, text.utf8.count, limits.nameByteCount)
            try countSteps(text.utf8.count / 16)
            names.insert(text)
        }
        return names
    }

    /// A member that is neither a tensor nor a module.
    private func unreadMember(_ value: PickleValue) -> TensorRecognition {
        if let node = document.node(value), node.kind == .record {
            return .unread(UnreadKind(node.name))
        }
        return .unread(UnreadKind(type: "an object", reason: "it is no tensor"))
    }
}
