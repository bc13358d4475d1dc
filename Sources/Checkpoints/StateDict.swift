/// The tensors of an unpickled object under dotted names.
struct StateDict {
    private(set) var tensors: [(name: String, tensor: PickleTensor)] = []
    private(set) var attributes: [String: AttributeValue] = [:]

    private let nodes: [PickleNode]
    private let limits: ReadLimits
    /// Dictionaries on the way from the root, so that one inside itself is not followed for ever.
    private var path: Set<Int> = []

    /// Keys under which training scripts keep a model's tensors.
    private static let wrappers = ["state_dict", "model_state_dict", "model", "net", "params"]
    /// Keys of what is no weight.
    private static let skipped: Set<String> = [
        "optimizer", "optim", "scaler", "scheduler", "lr_scheduler", "ema_optimizer",
    ]
    /// What a data-parallel wrapper puts before every name.
    private static let parallelPrefix = "module."

    init(_ pickle: PickleResult, limits: ReadLimits) throws(StateDictFault) {
        nodes = pickle.nodes
        self.limits = limits
        let root = try Self.dictionary(pickle.root, nodes)
        readAttributes(root)
        try collect(try weights(root), prefix: "", depth: 0)
        guard !tensors.isEmpty else { throw .noTensors }
        if tensors.allSatisfy({ $0.name.hasPrefix(Self.parallelPrefix) }) {
            for index in tensors.indices {
                tensors[index].name.removeFirst(Self.parallelPrefix.count)
            }
        }
        var names: Set<String> = []
        for (name, _) in tensors where !names.insert(name).inserted {
            throw .repeatedName(name)
        }
    }

    /// The dictionary that holds the weights: the one the root wraps, or the root. Training scripts
    /// leave tensors beside the wrapped dictionary, a best accuracy for instance, so these say
    /// nothing; a bare state dict has no dictionary under such a key.
    private func weights(_ root: Int) throws(StateDictFault) -> Int {
        var found: [(key: String, index: Int)] = []
        for (key, value) in entries(root) where Self.wrappers.contains(key) {
            guard case .node(let index) = value else { continue }
            if case .record(let name) = nodes[index].kind, nodes[index].state != nil {
                throw .pickledModule(className: name.text)
            }
            if holdsTensors(index) { found.append((key, index)) }
        }
        guard found.count < 2 else { throw .ambiguousWrapper(found.map(\.key)) }
        return found.first?.index ?? root
    }

    private func holdsTensors(_ index: Int) -> Bool {
        entries(index).contains { if case .tensor = $0.value { true } else { false } }
    }

    private mutating func collect(
        _ index: Int, prefix: String, depth: Int
    ) throws(StateDictFault) {
        guard depth < limits.nesting else { throw .tooDeep(limit: limits.nesting) }
        guard path.insert(index).inserted else { return }
        defer { path.remove(index) }
        for (key, value) in entries(index) where !(depth == 0 && Self.skipped.contains(key)) {
            switch value {
            case .tensor(let tensor):
                guard tensors.count < limits.tensors else {
                    throw .tooManyTensors(limit: limits.tensors)
                }
                tensors.append((prefix + key, tensor))
            case .node(let child):
                try collect(child, prefix: "\(prefix)\(key).", depth: depth + 1)
            default: break
            }
        }
    }

    /// The entries of a dictionary whose keys are texts.
    private func entries(_ index: Int) -> [(key: String, value: PickleValue)] {
        guard case .dictionary = nodes[index].kind else { return [] }
        return nodes[index].entries.compactMap { key, value in
            if case .string(let text) = key { (text, value) } else { nil }
        }
    }

    private static func dictionary(
        _ value: PickleValue, _ nodes: [PickleNode]
    ) throws(StateDictFault) -> Int {
        guard case .node(let index) = value else {
            throw .notADictionary(found: "a single value")
        }
        switch nodes[index].kind {
        case .dictionary: return index
        case .list: throw .notADictionary(found: "a list")
        case .record(let name): throw .pickledModule(className: name.text)
        }
    }

    private mutating func readAttributes(_ root: Int) {
        for (key, value) in entries(root) {
            if let attribute = AttributeValue(value) { attributes[key] = attribute }
        }
    }
}

/// A plain value that stands beside the tensors of a checkpoint.
package enum AttributeValue: Sendable, Equatable {
    case integer(Int64)
    case double(Double)
    case string(String)
    case bool(Bool)

    init?(_ value: PickleValue) {
        switch value {
        case .integer(let integer): self = .integer(integer)
        case .double(let double): self = .double(double)
        case .string(let string): self = .string(string)
        case .bool(let bool): self = .bool(bool)
        default: return nil
        }
    }
}
