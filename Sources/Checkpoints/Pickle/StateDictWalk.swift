/// A depth-first walk over an unpickled object that collects tensors and attributes.
///
/// Bounded by `nestingDepth`, `visitCount`, `stepCount`, `tensorCount`, `attributeCount` and the
/// limits on names; a dictionary, list or module inside itself is refused where tensors are
/// collected.
struct StateDictWalk {
    /// Marks of a node.
    private struct Marks: OptionSet {
        let rawValue: UInt8
        /// It lies between the root and the current node.
        static let isOpen = Marks(rawValue: 1)
        /// A search of it, with or without collecting tensors, found nothing: it is not made again
        /// for every other node that refers to it.
        static let isBarren = Marks(rawValue: 2)
        static let hasNoAttributes = Marks(rawValue: 4)
    }

    private(set) var tensors: [(name: String, tensor: PickledTensor)] = []
    private(set) var unread: [UnreadTensor] = []
    private(set) var attributes: [String: AttributeValue] = [:]
    let document: PickleDocument
    let path: String
    let limits: ReadLimits
    private var visitCount = 0
    /// Steps of reading the pickle so far.
    private var stepCount: Int
    /// The value that the walk is at.
    private var place = ValuePath()
    /// By the index of the node.
    private var marks: [Marks]
    /// Whether the dictionary of this index is the state of a module.
    private var moduleStates: [Int: Bool] = [:]
    /// Tensors and attributes found, those under a name that was taken included.
    private var findCount = 0

    init(_ document: PickleDocument, path: String, limits: ReadLimits) {
        self.document = document
        self.path = path
        self.limits = limits
        stepCount = document.stepCount
        marks = [Marks](repeating: [], count: document.nodes.count)
    }

    /// A number of tensors found so far.
    struct Position {
        let tensorCount: Int
        let unreadCount: Int
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
        if case .node(let index) = root { marks[index].insert(.isOpen) }
    }

    /// The entries of `container` by `PickleDocument.entries`, each key once.
    func entries(of container: PickleValue) throws(CheckpointError) -> [PickleNode.Entry] {
        let entries = document.entries(of: container)
        for entry in entries {
            guard let key = document.text(entry.key) else { continue }
            try check(.nameByteCount, key.utf8.count, limits.nameByteCount)
        }
        return document.unique(entries)
    }

    /// Counts `count` values that are about to be looked at.
    mutating func countVisits(_ count: Int) throws(CheckpointError) {
        visitCount += count
        try check(.visitCount, visitCount, limits.visitCount(of: document.byteCount))
        try countSteps(count)
    }

    mutating func countSteps(_ count: Int) throws(CheckpointError) {
        stepCount += count
        try check(.stepCount, stepCount, limits.stepCount(of: document.byteCount))
    }

    /// Whether `value` is a pickled `torch.nn.Module`. Looks into each state once, however many
    /// objects share it.
    mutating func isModule(_ value: PickleValue) throws(CheckpointError) -> Bool {
        guard let node = document.node(value), node.kind == .record,
            let state = document.stateDictionary(node)
        else { return false }
        if let known = moduleStates[state] { return known }
        try countSteps(document.nodes[state].entries.count)
        let isModule = document.isModuleState(state)
        moduleStates[state] = isModule
        return isModule
    }

    /// Runs `body` for what lies under `key` in the value that the walk is at.
    mutating func inside(
        _ key: PickleValue, _ body: (inout StateDictWalk) throws(CheckpointError) -> Void
    ) throws(CheckpointError) {
        place.enter(key)
        try body(&self)
        place.leave()
    }

    /// Collects the contents of `value`, which lies under `key` in the value that the walk is at.
    mutating func visit(
        _ value: PickleValue, under key: PickleValue, depth: Int, collectsTensors: Bool
    ) throws(CheckpointError) {
        place.enter(key)
        try visit(value, depth: depth, collectsTensors: collectsTensors)
        place.leave()
    }

    /// Collects the contents of `value`, the one that the walk is at. Without `collectsTensors`,
    /// tensors and modules are passed over.
    mutating func visit(
        _ value: PickleValue, depth: Int, collectsTensors: Bool
    ) throws(CheckpointError) {
        switch value {
        case .none, .longText, .bytes, .bigInteger: return
        case .bool(let value): try add(.bool(value))
        case .int(let value): try add(.int(value))
        case .double(let value): try add(.double(value))
        case .text(let index): try add(.string(document.texts[index]))
        case .node(let index):
            let barren: Marks = collectsTensors ? .isBarren : .hasNoAttributes
            guard !marks[index].contains(barren) else { return }
            guard marks[index].insert(.isOpen).inserted else {
                return try leaveCycle(at: value, collectsTensors: collectsTensors)
            }
            try check(.nestingDepth, depth, limits.nestingDepth)
            let before = findCount
            try visitNode(value, depth: depth, collectsTensors: collectsTensors)
            marks[index].remove(.isOpen)
            if findCount == before { marks[index].insert(barren) }
        }
    }

    /// Objects of unknown classes may refer to each other; containers of tensors form a tree.
    private mutating func leaveCycle(
        at value: PickleValue, collectsTensors: Bool
    ) throws(CheckpointError) {
        let isPlain = document.node(value)?.kind == .record && !document.isMapping(value)
        guard collectsTensors else { return }
        if isPlain, try !isModule(value) { return }
        throw .tensor(path: path, name: place.name(in: document), defect: .containsItself)
    }

    private mutating func visitNode(
        _ value: PickleValue, depth: Int, collectsTensors: Bool
    ) throws(CheckpointError) {
        guard let node = document.node(value) else { return }
        try countVisits(document.childCount(of: node))
        switch node.kind {
        case .set, .global, .persistent: return
        case .list, .tuple:
            if let integers = integers(node.items) {
                return try add(.ints(integers))
            }
            for (index, item) in node.items.enumerated() where !isEmpty(item) {
                try visit(
                    item, under: .int(index), depth: depth + 1, collectsTensors: collectsTensors)
            }
        case .record:
            if try addRecord(node, collectsTensors: collectsTensors) { return }
            if try isModule(value) {
                if collectsTensors { try visitModule(value, depth: depth) }
                return
            }
            fallthrough
        case .dictionary:
            for entry in try entries(of: value) where document.keyText(entry.key) != nil {
                try visit(
                    entry.value, under: entry.key, depth: depth + 1,
                    collectsTensors: collectsTensors)
            }
        }
    }

    /// Whether `value` is a plain container with nothing in it, which one byte of a pickle makes.
    private func isEmpty(_ value: PickleValue) -> Bool {
        guard case .node(let index) = value else { return false }
        switch document.nodes[index].kind {
        case .list, .tuple, .set: return document.nodes[index].items.isEmpty
        case .dictionary: return document.nodes[index].entries.isEmpty
        case .global, .record, .persistent: return false
        }
    }

    /// Takes a tensor or size as a whole; false for objects that are to be searched.
    private mutating func addRecord(
        _ record: PickleNode, collectsTensors: Bool
    ) throws(CheckpointError) -> Bool {
        if let recognition = TensorRecognition(record, in: document) {
            if collectsTensors { try add(recognition) }
            return true
        }
        if let sizes = document.sizes(of: record) {
            try countVisits(sizes.count)
            if let integers = integers(sizes) { try add(.ints(integers)) }
            return true
        }
        return false
    }

    /// Adds a tensor under the name of the value that the walk is at.
    mutating func add(_ recognition: TensorRecognition) throws(CheckpointError) {
        findCount += 1
        let name = try makeName()
        switch recognition {
        case .view(let view):
            let keyByteCount = view.storage.key.utf8.count
            try check(.storageKeyByteCount, keyByteCount, limits.storageKeyByteCount)
            try countTensor()
            tensors.append((name, .view(view)))
        case .array(let array):
            try countSteps(array.bytes.copiedByteCount)
            try countTensor()
            let tensor = try array.tensor(in: document, path: path, name: name, limits: limits)
            tensors.append((name, tensor))
        case .malformed(let constructor):
            throw .tensor(path: path, name: name, defect: .malformedConstructor(constructor.full))
        case .unread(let kind):
            try countTensor()
            unread.append(kind.tensor(named: name, maxDimensions: limits.dimensionCount))
        }
    }

    /// Makes sure that there may be one tensor more.
    private func countTensor() throws(CheckpointError) {
        try check(.tensorCount, tensors.count + unread.count + 1, limits.tensorCount)
    }

    /// Adds an attribute under the name of the value that the walk is at. The first of a name
    /// stays; the root has none.
    mutating func add(_ value: AttributeValue) throws(CheckpointError) {
        findCount += 1
        guard !place.isEmpty else { return }
        let name = try makeName()
        guard attributes[name] == nil else { return }
        try check(.attributeCount, attributes.count + 1, limits.attributeCount)
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

    /// The name of the value that the walk is at; empty for the root.
    private mutating func makeName() throws(CheckpointError) -> String {
        let name = place.makeName(in: document)
        try check(.nameByteCount, name.utf8.count, limits.nameByteCount)
        try check(.allNamesByteCount, place.madeByteCount, limits.allNamesByteCount)
        try countSteps(name.utf8.count / 16)
        return name
    }

    func check(
        _ limit: ReadLimit, _ value: Int, _ maximum: Int
    ) throws(CheckpointError) {
        guard value > maximum else { return }
        let part = place.isEmpty ? "top level" : place.name(in: document)
        try limit.check(value, atMost: maximum, path: path, part: part)
    }
}
