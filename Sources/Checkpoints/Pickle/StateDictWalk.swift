/// A depth-first walk over an unpickled object that collects tensors and attributes.
///
/// Bounded by `nestingDepth`, `visitCount`, `tensorCount`, `attributeCount`, `nameByteCount` and
/// `allNamesByteCount`; a dictionary, list or module inside itself is refused where tensors are
/// collected.
struct StateDictWalk {
    private struct Search: Hashable {
        let node: Int
        let collectsTensors: Bool
    }

    private(set) var tensors: [(name: String, view: TorchTensor)] = []
    private(set) var unread: [UnreadTensor] = []
    private(set) var attributes: [String: AttributeValue] = [:]
    let document: PickleDocument
    let path: String
    private let limits: ReadLimits
    private var visitCount = 0
    /// UTF-8 bytes of the names made so far.
    private var nameByteCount = 0
    /// Nodes between the root and the current one.
    private var open: Set<Int> = []
    /// Searches of a node that found nothing: they are not made again for every other node that
    /// refers to it.
    private var barren: Set<Search> = []
    /// Tensors and attributes found, those under a name that was taken included.
    private var findCount = 0

    init(_ document: PickleDocument, path: String, limits: ReadLimits) {
        self.document = document
        self.path = path
        self.limits = limits
    }

    /// A number of tensors found so far.
    struct Position {
        var tensorCount = 0
        var unreadCount = 0
    }

    var position: Position {
        Position(tensorCount: tensors.count, unreadCount: unread.count)
    }

    /// Takes `prefix` from the names of all tensors found since `position`, where it follows
    /// `parent`, if all of them have it.
    mutating func strip(_ prefix: String, below parent: String, since position: Position) {
        let full = parent + prefix
        let read = position.tensorCount..<tensors.count
        let others = position.unreadCount..<unread.count
        guard read.allSatisfy({ tensors[$0].name.hasPrefix(full) }),
            others.allSatisfy({ unread[$0].name.hasPrefix(full) })
        else { return }
        for index in read {
            tensors[index].name = parent + tensors[index].name.dropFirst(full.count)
        }
        for index in others {
            unread[index] = unread[index].named(parent + unread[index].name.dropFirst(full.count))
        }
    }

    /// Marks `root` as visited, so that nothing below it visits it again.
    mutating func begin(_ root: PickleValue) {
        if case .node(let index) = root { open.insert(index) }
    }

    /// The entries of `container` by `PickleDocument.entries`, each key once.
    func entries(
        of container: PickleValue, name: String?
    ) throws(CheckpointError) -> [PickleNode.Entry] {
        let entries = document.entries(of: container)
        for entry in entries {
            guard case .string(let key) = entry.key else { continue }
            try check(.nameByteCount, key.utf8.count, limits.nameByteCount, name: name)
        }
        return PickleDocument.unique(entries)
    }

    /// Counts `count` values that are about to be looked at.
    mutating func countVisits(_ count: Int, name: String?) throws(CheckpointError) {
        visitCount += count
        try check(.visitCount, visitCount, limits.visitCount, name: name)
    }

    /// Collects the contents of `value`, called `name` (nil for the state dict itself). Without
    /// `collectsTensors`, tensors and modules are passed over.
    mutating func visit(
        _ value: PickleValue, name: String?, depth: Int, collectsTensors: Bool
    ) throws(CheckpointError) {
        switch value {
        case .none, .opaque: return
        case .bool(let value): try add(.bool(value), name: name)
        case .int(let value): try add(.int(value), name: name)
        case .double(let value): try add(.double(value), name: name)
        case .string(let value): try add(.string(value), name: name)
        case .node(let index):
            let search = Search(node: index, collectsTensors: collectsTensors)
            guard !barren.contains(search) else { return }
            guard open.insert(index).inserted else {
                return try leaveCycle(at: value, name: name, collectsTensors: collectsTensors)
            }
            try check(.nestingDepth, depth, limits.nestingDepth, name: name)
            let before = findCount
            try visitNode(value, name: name, depth: depth, collectsTensors: collectsTensors)
            open.remove(index)
            if findCount == before { barren.insert(search) }
        }
    }

    /// Objects of unknown classes may refer to each other; containers of tensors form a tree.
    private func leaveCycle(
        at value: PickleValue, name: String?, collectsTensors: Bool
    ) throws(CheckpointError) {
        let isPlain = document.node(value)?.kind == .record && !document.isMapping(value)
        guard collectsTensors, !isPlain || document.isModule(value) else { return }
        throw .tensor(path: path, name: name ?? "", defect: .containsItself)
    }

    private mutating func visitNode(
        _ value: PickleValue, name: String?, depth: Int, collectsTensors: Bool
    ) throws(CheckpointError) {
        guard let node = document.node(value) else { return }
        try countVisits(document.childCount(of: node), name: name)
        switch node.kind {
        case .set, .global, .persistent: return
        case .list, .tuple:
            if let integers = integers(node.items) {
                return try add(.ints(integers), name: name)
            }
            for (index, item) in node.items.enumerated() {
                let name = try join(name, String(index))
                try visit(item, name: name, depth: depth + 1, collectsTensors: collectsTensors)
            }
        case .record:
            if try addRecord(node, name: name, collectsTensors: collectsTensors) { return }
            if document.isModule(node) {
                if collectsTensors { try visitModule(value, name: name, depth: depth) }
                return
            }
            fallthrough
        case .dictionary:
            for entry in try entries(of: value, name: name) {
                guard let key = document.keyText(entry.key) else { continue }
                let name = try join(name, key)
                try visit(
                    entry.value, name: name, depth: depth + 1, collectsTensors: collectsTensors)
            }
        }
    }

    /// Takes a tensor or size as a whole; false for objects that are to be searched.
    private mutating func addRecord(
        _ record: PickleNode, name: String?, collectsTensors: Bool
    ) throws(CheckpointError) -> Bool {
        if let recognition = TorchTensor.recognize(record, in: document) {
            if collectsTensors { try add(recognition, name: name ?? "") }
            return true
        }
        if let sizes = TorchTensor.sizes(of: record, in: document) {
            try countVisits(sizes.count, name: name)
            if let integers = integers(sizes) { try add(.ints(integers), name: name) }
            return true
        }
        return false
    }

    mutating func add(
        _ recognition: TorchTensor.Recognition, name: String
    ) throws(CheckpointError) {
        findCount += 1
        switch recognition {
        case .tensor(let view):
            let keyByteCount = view.storage.key.utf8.count
            try check(.storageKeyByteCount, keyByteCount, limits.storageKeyByteCount, name: name)
            try countTensor(name)
            tensors.append((name, view))
        case .malformed(let constructor):
            throw .tensor(path: path, name: name, defect: .malformedConstructor(constructor.full))
        case .unread(let kind):
            try countTensor(name)
            unread.append(kind.tensor(named: name, maxDimensions: limits.dimensionCount))
        }
    }

    /// Makes sure that there may be one tensor more.
    private func countTensor(_ name: String) throws(CheckpointError) {
        let count = tensors.count + unread.count + 1
        try check(.tensorCount, count, limits.tensorCount, name: name)
    }

    /// The first attribute of a name stays. A bare value without a name is none.
    mutating func add(_ value: AttributeValue, name: String?) throws(CheckpointError) {
        findCount += 1
        guard let name, attributes[name] == nil else { return }
        try check(.attributeCount, attributes.count + 1, limits.attributeCount, name: name)
        attributes[name] = value
    }

    /// All of `items`, or nil when one is not an integer.
    func integers(_ items: [PickleValue]) -> [Int]? {
        var integers: [Int] = []
        for item in items {
            guard case .int(let integer) = item else { return nil }
            integers.append(integer)
        }
        return integers
    }

    mutating func join(_ name: String?, _ key: String) throws(CheckpointError) -> String {
        let byteCount = name.map { $0.utf8.count + 1 + key.utf8.count } ?? key.utf8.count
        try check(.nameByteCount, byteCount, limits.nameByteCount, name: name)
        nameByteCount += byteCount
        try check(.allNamesByteCount, nameByteCount, limits.allNamesByteCount, name: name)
        return name.map { "\($0).\(key)" } ?? key
    }

    private func check(
        _ limit: ReadLimit, _ value: Int, _ maximum: Int, name: String?
    ) throws(CheckpointError) {
        try limit.check(value, atMost: maximum, path: path, part: name ?? "top level")
    }
}
