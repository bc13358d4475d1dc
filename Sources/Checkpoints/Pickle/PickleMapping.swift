/// A document's nodes, seen as the dictionaries and modules of PyTorch.
extension PickleDocument {
    /// Whether `value` is a dictionary or an object that acts as one, such as an OrderedDict.
    func isMapping(_ value: PickleValue) -> Bool {
        guard let node = node(value) else { return false }
        return node.kind == .dictionary
            || node.kind == .record && (isOrderedDictionary(node) || !node.entries.isEmpty)
    }

    func isOrderedDictionary(_ node: PickleNode) -> Bool {
        node.name.isOrderedDictionary
    }

    /// Entries of a dictionary; those an OrderedDict was constructed from and given later; or those
    /// a record of another class was given, as entries or as state. Keys may be repeated.
    func entries(of value: PickleValue) -> [PickleNode.Entry] {
        guard let node = node(value) else { return [] }
        switch node.kind {
        case .dictionary: return node.entries
        case .record where isOrderedDictionary(node): return initialEntries(node) + node.entries
        case .record: return node.entries + stateEntries(node)
        default: return []
        }
    }

    /// Values that a look into `node` may have to look at, repeated keys included.
    func childCount(of node: PickleNode) -> Int {
        let initial = initialContents(node)
        return node.items.count + node.entries.count + stateEntries(node).count
            + (initial?.items.count ?? 0) + (initial?.entries.count ?? 0)
    }

    /// The argument an OrderedDict was constructed from: a dictionary, or a list of pairs.
    private func initialContents(_ record: PickleNode) -> PickleNode? {
        guard record.kind == .record, isOrderedDictionary(record) else { return nil }
        return sequence(record.arguments)?.first.flatMap(node)
    }

    private func initialEntries(_ record: PickleNode) -> [PickleNode.Entry] {
        guard let contents = initialContents(record) else { return [] }
        if contents.kind == .dictionary { return contents.entries }
        return contents.items.compactMap { item in
            guard let pair = sequence(item), pair.count == 2 else { return nil }
            return PickleNode.Entry(key: pair[0], value: pair[1])
        }
    }

    /// The attributes of an object: its state is a dictionary, or a pair whose first half is one.
    private func stateEntries(_ record: PickleNode) -> [PickleNode.Entry] {
        stateDictionary(record).map { nodes[$0].entries } ?? []
    }

    /// The index of the dictionary of an object's attributes.
    func stateDictionary(_ record: PickleNode) -> Int? {
        guard case .node(var index) = record.state else { return nil }
        if nodes[index].kind == .tuple, nodes[index].items.count == 2,
            case .node(let first) = nodes[index].items[0]
        {
            index = first
        }
        return nodes[index].kind == .dictionary ? index : nil
    }

    /// `entries` without repeated keys: as in Python, a key keeps its first place and its last
    /// value. The length of keys must be bounded.
    func unique(_ entries: [PickleNode.Entry]) -> [PickleNode.Entry] {
        var unique: [PickleNode.Entry] = []
        var places: [String: Int] = [:]
        for entry in entries {
            guard let key = text(entry.key) else {
                unique.append(entry)
                continue
            }
            if let place = places[key] {
                unique[place] = entry
            } else {
                places[key] = unique.count
                unique.append(entry)
            }
        }
        return unique
    }

    /// A key as part of a name: a string, or an integer's digits.
    func keyText(_ key: PickleValue) -> String? {
        switch key {
        case .text(let index): texts[index]
        case .int(let number): String(number)
        default: nil
        }
    }

    /// The tensor or array that `value` is, or nil.
    func tensor(_ value: PickleValue) -> TensorRecognition? {
        guard let node = node(value), node.kind == .record else { return nil }
        return TensorRecognition(node, in: self)
    }

    /// Whether `value` is the result of a constructor of tensors, with at least `minDimensions`
    /// dimensions or an unknown number of them.
    func isTensor(_ value: PickleValue, minDimensions: Int) -> Bool {
        guard let found = tensor(value) else { return false }
        return found.dimensionCount.map { $0 >= minDimensions } ?? true
    }

    /// Whether `value` is what `state_dict()` of an optimiser makes, or a list that begins with
    /// one. O(1).
    func isOptimizerState(_ value: PickleValue) -> Bool {
        let node = node(sequence(value)?.first ?? value)
        // Its two keys, and perhaps some of a wrapper around it.
        guard let node, node.kind == .dictionary, node.entries.count <= 8 else { return false }
        let keys = node.entries.map { text($0.key) }
        return keys.contains("state") && keys.contains("param_groups")
    }

    /// Whether `value` is a pickled `torch.nn.Module`. O(attributes of its state).
    func isModule(_ value: PickleValue) -> Bool {
        guard let node = node(value), node.kind == .record, let state = stateDictionary(node) else {
            return false
        }
        return isModuleState(state)
    }

    /// Whether the dictionary at `index` has the tables of a `torch.nn.Module`.
    func isModuleState(_ index: Int) -> Bool {
        let keys = nodes[index].entries.lazy.map { text($0.key) }
        return keys.contains("_parameters") && keys.contains("_modules")
    }

    /// Whether `value` is an object of a class that PyTorch has in C++.
    func isScriptObject(_ value: PickleValue) -> Bool {
        guard let node = node(value), node.kind == .record else { return false }
        return node.name == PickleNode.Name(module: "torch", name: "ScriptObject")
    }

    /// A tuple of sizes, or the `torch.Size` of one.
    func sizes(_ value: PickleValue) -> [PickleValue]? {
        guard let node = node(value), node.kind == .record else { return sequence(value) }
        return sizes(of: node)
    }

    /// The sizes in a `torch.Size`; nil for any other record.
    func sizes(of record: PickleNode) -> [PickleValue]? {
        guard record.name.module == "torch", record.name.name == "Size",
            let arguments = sequence(record.arguments), arguments.count == 1
        else { return nil }
        return sequence(arguments[0])
    }
}
