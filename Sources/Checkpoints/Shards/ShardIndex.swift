/// The index of a checkpoint in several files, as Hugging Face writes it: JSON that says under
/// `weight_map` in which file beside it each tensor is. Its other keys are not used.
package struct ShardIndex: Equatable, Sendable {
    /// Names of the files, ordered by their bytes; at least one, and no paths.
    package let files: [String]
    /// The file of each tensor.
    package let fileOfTensor: [String: String]

    static let part = "shard index"
    private static let mapKey = "weight_map"

    /// Reads the bytes of an index. Nil where it is an object without a `weight_map`: JSON of
    /// another kind.
    package init?(
        _ bytes: [UInt8], path: String, limits: ReadLimits = .standard
    ) throws(CheckpointError) {
        try self.init(ByteView(bytes), path: path, limits: limits)
    }

    init?(_ text: ByteView, path: String, limits: ReadLimits) throws(CheckpointError) {
        try ReadLimit.shardIndexByteCount.check(
            text.count, atMost: limits.shardIndexByteCount, path: path, part: Self.part)
        var scanner = try JSONScanner(text, path: path, part: Self.part, limits: limits)
        var map: [String: String]?
        try scanner.object { (scanner, key) throws(CheckpointError) in
            if key == Self.mapKey {
                map = try Self.map(&scanner)
            } else {
                try scanner.skip()
            }
        }
        try scanner.expectEnd()
        guard let map else { return nil }
        guard !map.isEmpty else { throw .shards(path: path, defect: .emptyIndex) }
        fileOfTensor = map
        files = Set(map.values).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        try ReadLimit.shardCount.check(
            files.count, atMost: limits.shardCount, path: path, part: Self.part)
    }

    private static func map(
        _ scanner: inout JSONScanner
    ) throws(CheckpointError) -> [String: String] {
        var map: [String: String] = [:]
        scanner.part = mapKey
        try scanner.object { (scanner, tensor) throws(CheckpointError) in
            let file = try scanner.name()
            guard isPlain(file) else {
                throw .shards(
                    path: scanner.path, defect: .notPlainName(file: file, tensor: tensor))
            }
            map[tensor] = file
            try scanner.check(.tensorCount, map.count, atMost: scanner.limits.tensorCount)
        }
        scanner.part = part
        return map
    }

    /// Whether `file` can only mean a file in the index's own folder.
    private static func isPlain(_ file: String) -> Bool {
        !["", ".", ".."].contains(file)
            && !file.utf8.contains { $0 == UInt8(ascii: "/") || $0 == 0 }
    }
}
