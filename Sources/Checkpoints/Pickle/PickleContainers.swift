extension PickleMachine {
    /// Makes or fills a tuple, list, dictionary or set; false when `opcode` does none of these.
    mutating func runContainer(_ opcode: PickleOpcode) throws(CheckpointError) -> Bool {
        switch opcode {
        case .emptyTuple: try pushEmptyTuple()
        case .tuple1: try push(PickleNode(kind: .tuple, items: [try pop()]))
        case .tuple2:
            let last = try pop()
            try push(PickleNode(kind: .tuple, items: [try pop(), last]))
        case .tuple3:
            let (last, second) = (try pop(), try pop())
            try push(PickleNode(kind: .tuple, items: [try pop(), second, last]))
        case .tuple: try push(PickleNode(kind: .tuple, items: try popToMark()))
        case .emptyList: try push(PickleNode(kind: .list))
        case .list: try push(PickleNode(kind: .list, items: try popToMark()))
        case .emptySet: try push(PickleNode(kind: .set))
        case .frozenSet: try push(PickleNode(kind: .set, items: try popToMark()))
        case .emptyDict: try push(PickleNode(kind: .dictionary))
        case .dict:
            let entries = try entries(try popToMark())
            try push(PickleNode(kind: .dictionary))
            try set(entries)
        case .append: try append([try pop()], to: [.list, .record])
        case .appends: try append(try popToMark(), to: [.list, .record])
        case .addItems: try append(try popToMark(), to: [.set, .record])
        case .setItem:
            let value = try pop()
            try set([PickleNode.Entry(key: try pop(), value: value)])
        case .setItems: try set(try entries(try popToMark()))
        default: return false
        }
        return true
    }

    private mutating func append(
        _ items: [PickleValue], to kinds: [PickleNode.Kind]
    ) throws(CheckpointError) {
        try changeTop(kinds) { $0.items.append(contentsOf: items) }
    }

    private mutating func set(_ entries: [PickleNode.Entry]) throws(CheckpointError) {
        for entry in entries {
            guard let key = text(entry.key) else { continue }
            try check(.nameByteCount, key.utf8.count, limits.nameByteCount)
        }
        try changeTop([.dictionary, .record]) { $0.entries.append(contentsOf: entries) }
    }

    private func entries(_ items: [PickleValue]) throws(CheckpointError) -> [PickleNode.Entry] {
        guard items.count.isMultiple(of: 2) else { throw fail(.oddItemCount) }
        return stride(from: 0, to: items.count, by: 2).map {
            PickleNode.Entry(key: items[$0], value: items[$0 + 1])
        }
    }
}
