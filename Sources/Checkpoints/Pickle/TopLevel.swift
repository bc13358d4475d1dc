/// The top level of a pickled dictionary: which of its entries are state dicts.
struct TopLevel {
    struct Entry {
        /// The text of `name`.
        let key: String
        let name: PickleValue
        let value: PickleValue
        /// Whether weight matrices lie below it, an optimiser's aside.
        var isStateDict = false
        /// Whether it is an optimiser's state, whose tensors are no weights.
        let isOptimizer: Bool
    }

    private static let wrapperKeys: Set<String> = [
        "state_dict", "model_state_dict", "model", "net", "params",
    ]
    private static let trainingKeys: Set<String> = [
        "optimizer", "optim", "scaler", "scheduler", "ema_optimizer",
    ]

    /// In file order, without those in `trainingKeys` that are no tensors and those whose key is no
    /// name.
    private(set) var entries: [Entry] = []
    /// The entry that stands for the whole dictionary: the only one of `wrapperKeys` with tensors,
    /// where no other is a state dict and none a weight.
    private(set) var wrapper: Entry?

    init(
        _ found: [PickleNode.Entry], in document: PickleDocument, _ search: inout TensorSearch
    ) throws(CheckpointError) {
        var wrappers: [Entry] = []
        var hasTensor = false
        for found in found {
            let tensor = document.tensor(found.value)
            hasTensor = hasTensor || tensor.map(Self.isWeight) ?? false
            guard let key = document.keyText(found.key),
                tensor != nil || !Self.trainingKeys.contains(key)
            else { continue }
            let isOptimizer =
                tensor == nil
                && (Self.isOptimizer(key) || document.isOptimizerState(found.value))
            var entry = Entry(
                key: key, name: found.key, value: found.value, isOptimizer: isOptimizer)
            if tensor == nil, !isOptimizer {
                entry.isStateDict = try search.holdsTensor(found.value, minDimensions: 2)
            }
            entries.append(entry)
            guard Self.wrapperKeys.contains(key),
                document.isMapping(found.value) || document.isModule(found.value)
            else { continue }
            let holdsTensor = try search.holdsTensor(found.value, minDimensions: 0)
            if entry.isStateDict || holdsTensor { wrappers.append(entry) }
        }
        guard !hasTensor, wrappers.count == 1, let wrapper = wrappers.first,
            entries.allSatisfy({ !$0.isStateDict || $0.key == wrapper.key })
        else { return }
        self.wrapper = wrapper
    }

    /// Whether a tensor at the top level is one of a state dict there. Scripts leave scalars beside
    /// state dicts (the best accuracy), and NumPy arrays of one dimension (names of classes).
    private static func isWeight(_ tensor: TensorRecognition) -> Bool {
        switch tensor {
        case .view(let view): !view.sizes.isEmpty
        case .array(let array): array.sizes.count > 1
        case .malformed: true
        case .unread(let kind): kind.sizes?.count != 0 && !kind.isArray
        }
    }

    /// Keys of the state dicts where there are several, else none.
    var stateDicts: [String] {
        let keys = entries.filter(\.isStateDict).map(\.key)
        return keys.count > 1 ? keys : []
    }

    /// Whether an entry of this name, unless it is a tensor, is an optimiser's.
    private static func isOptimizer(_ key: String) -> Bool {
        key.hasPrefix("optim_") || contains("optimizer", key)
    }

    /// Whether a key contains a word of small letters, in letters of either case. The bytes are
    /// compared, as a file may have a hundred thousand keys.
    private static func contains(_ word: String, _ key: String) -> Bool {
        let wanted = Array(word.utf8)
        guard key.utf8.count >= wanted.count else { return false }
        let bytes = key.utf8.map { $0 | 0x20 }
        return (0...bytes.count - wanted.count).contains { start in
            bytes[start] == wanted[0] && bytes[start...].starts(with: wanted)
        }
    }
}

/// Looks for tensors below the entries of a pickle's top level. Bounded by `visitCount`.
struct TensorSearch {
    private let document: PickleDocument
    private let path: String
    private let limits: ReadLimits
    /// Values looked at so far.
    private(set) var visitCount = 0

    init(_ document: PickleDocument, path: String, limits: ReadLimits) {
        self.document = document
        self.path = path
        self.limits = limits
    }

    /// Whether a tensor of `minDimensions` or more lies anywhere in the dictionaries and lists of
    /// `value`; optimisers' states are passed over. Looks at each node once, however often it is
    /// referred to, and does not recurse.
    mutating func holdsTensor(
        _ value: PickleValue, minDimensions: Int
    ) throws(CheckpointError) -> Bool {
        var seen: Set<Int> = []
        var waiting = [value]
        while let next = waiting.popLast() {
            guard case .node(let index) = next, seen.insert(index).inserted else { continue }
            if document.isTensor(next, minDimensions: minDimensions) { return true }
            guard !document.isOptimizerState(next) else { continue }
            let before = waiting.count
            append(document.nodes[index], to: &waiting)
            visitCount += waiting.count - before
            try ReadLimit.visitCount.check(
                visitCount, atMost: limits.visitCount(of: document.byteCount), path: path,
                part: "top level")
        }
        return false
    }

    private func append(_ node: PickleNode, to waiting: inout [PickleValue]) {
        switch node.kind {
        case .list, .tuple: waiting.append(contentsOf: node.items)
        case .dictionary: waiting.append(contentsOf: node.entries.map(\.value))
        case .record:
            // The container of its entries; not the entries, which many records may share.
            waiting.append(contentsOf: node.entries.map(\.value))
            waiting.append(document.isOrderedDictionary(node) ? node.arguments : node.state)
        case .set, .global, .persistent: break
        }
    }
}
