/// Whole pickled modules: `torch.save(module)` instead of `torch.save(module.state_dict())`.
extension StateDictWalk {
    /// Collects the parameters, the persistent buffers and the modules inside of `module`, in the
    /// order and under the names of its `state_dict()`, and those of its other
    /// attributes that are scalars or lists of integers. Names with an underscore in front belong
    /// to `torch.nn.Module` itself and are left out. Objects of PyTorch's C++ code, in which
    /// quantised modules keep their weights, are unread tensors.
    mutating func visitModule(
        _ module: PickleValue, name: String?, depth: Int
    ) throws(CheckpointError) {
        var tables: [String: PickleValue] = [:]
        for field in try entries(of: module, name: name) {
            guard case .string(let key) = field.key else { continue }
            if document.isScriptObject(field.value) {
                try add(unreadMember(field.value), name: try join(name, key))
            } else if key.hasPrefix("_") {
                tables[key] = field.value
            } else {
                try addAttribute(field.value, name: try join(name, key))
            }
        }
        try addTensors(of: tables["_parameters"], name: name)
        let transient = try names(in: tables["_non_persistent_buffers_set"], name: name)
        try addTensors(of: tables["_buffers"], except: transient, name: name)
        for (name, child) in try members(of: tables["_modules"], name: name) {
            guard try isModule(child) else {
                try add(unreadMember(child), name: name)
                continue
            }
            try visit(child, name: name, depth: depth + 1, collectsTensors: true)
        }
    }

    private mutating func addAttribute(
        _ value: PickleValue, name: String
    ) throws(CheckpointError) {
        guard let node = document.node(value) else {
            return try visit(value, name: name, depth: 0, collectsTensors: false)
        }
        let isSequence = node.kind == .list || node.kind == .tuple
        guard let items = isSequence ? node.items : document.sizes(of: node)
        else { return }
        try countVisits(items.count, name: name)
        if let integers = integers(items) { try add(.ints(integers), name: name) }
    }

    private mutating func addTensors(
        of table: PickleValue?, except: Set<String> = [], name: String?
    ) throws(CheckpointError) {
        for (name, value) in try members(of: table, except: except, name: name) {
            try add(document.tensor(value) ?? unreadMember(value), name: name)
        }
    }

    /// Full name and value of each entry of `table` that is not None.
    private mutating func members(
        of table: PickleValue?, except: Set<String> = [], name: String?
    ) throws(CheckpointError) -> [(String, PickleValue)] {
        guard let table, let node = document.node(table) else { return [] }
        try countVisits(document.childCount(of: node), name: name)
        var members: [(String, PickleValue)] = []
        for entry in try entries(of: table, name: name) {
            guard let key = document.keyText(entry.key), !except.contains(key),
                entry.value != .none
            else { continue }
            members.append((try join(name, key), entry.value))
        }
        return members
    }

    /// The strings in a set: an own kind of object since protocol 4, before that a call.
    private mutating func names(
        in set: PickleValue?, name: String?
    ) throws(CheckpointError) -> Set<String> {
        guard let node = set.flatMap(document.node) else { return [] }
        let argument = document.sequence(node.arguments)?.first
        let items = node.kind == .set ? node.items : argument.flatMap(document.sequence) ?? []
        try countVisits(items.count, name: name)
        var names: Set<String> = []
        for case .string(let text) in items {
            _ = try join(name, text)
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
