extension Checkpoint {
    /// Reads the headers of all files of `shards`, which must be of one format and hold exactly
    /// the tensors that the index puts into each.
    init(_ shards: ShardSet, limits: ReadLimits) throws(CheckpointError) {
        let path = shards.index.path
        var parts: [Checkpoint] = []
        var tensorCount = 0
        let names = Dictionary(grouping: shards.contents.fileOfTensor.keys) {
            shards.contents.fileOfTensor[$0] ?? ""
        }
        for name in shards.contents.files {
            let part = try Checkpoint(try shards.shard(name), isShard: true, limits: limits)
            if let first = parts.first, first.format != part.format {
                let defect = ShardDefect.formatsDiffer(
                    file: name, part.format, other: shards.contents.files[0], first.format)
                throw .shards(path: path, defect: defect)
            }
            try part.check(names[name] ?? [], of: name, shards)
            tensorCount += part.tensors.count + part.unread.count
            try ReadLimit.tensorCount.check(
                tensorCount, atMost: limits.tensorCount, path: path, part: name)
            parts.append(part)
        }
        var contents = CheckpointContents(
            tensors: parts.flatMap(\.tensors), unread: parts.flatMap(\.unread),
            attributes: Self.common(parts.map(\.attributes)),
            metadata: Self.common(parts.map(\.metadata)),
            stateDicts: Set(parts.flatMap(\.stateDicts)).sorted(),
            wrapper: Set(parts.map(\.wrapper)).count == 1 ? parts[0].wrapper : nil)
        if parts[0].format.isTorch { contents.stripParallelPrefix() }
        try self.init(
            format: parts[0].format, contents, files: [shards.index] + parts.flatMap(\.files))
    }

    /// Holds the tensors of the file `name` against the `names` that the index gives it.
    private func check(
        _ names: [String], of name: String, _ shards: ShardSet
    ) throws(CheckpointError) {
        let found = tensors.map(\.name) + unread.map(\.name)
        for tensor in found {
            let indexed = shards.contents.fileOfTensor[tensor]
            guard indexed == name else {
                let defect = ShardDefect.strayTensor(tensor, file: name, indexed: indexed)
                throw .shards(path: shards.index.path, defect: defect)
            }
        }
        if let missing = Set(names).subtracting(found).min() {
            throw .shards(
                path: shards.index.path, defect: .missingTensor(missing, file: name))
        }
    }

    /// All entries but those that files give differently: these are facts about a file.
    private static func common<Value: Equatable>(
        _ tables: [[String: Value]]
    ) -> [String: Value] {
        var common: [String: Value] = [:]
        var differing: Set<String> = []
        for (key, value) in tables.joined() {
            if let other = common.updateValue(value, forKey: key), other != value {
                differing.insert(key)
            }
        }
        return common.filter { !differing.contains($0.key) }
    }
}
