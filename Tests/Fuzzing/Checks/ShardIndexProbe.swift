import Checkpoints

/// Reads the input as an index of shards.
enum ShardIndexProbe {
    static func check(_ bytes: [UInt8]) throws(BrokenPromise) {
        let (name, limits) = (CheckpointProbe.name, CheckpointProbe.limits)
        let read = try CheckpointProbe.outcome { () throws(CheckpointError) in
            try ShardIndex(bytes, path: name, limits: limits)
        }
        guard let index = read ?? nil else { return }
        for file in index.files {
            guard !file.isEmpty, file != ".", file != "..", !file.utf8.contains(0x2f) else {
                throw .oddIndex(file: file)
            }
            try CheckpointProbe.check(
                "bytes of a name", file.utf8.count, atMost: limits.nameByteCount)
        }
        guard Set(index.files) == Set(index.fileOfTensor.values) else {
            throw .oddIndex(file: "")
        }
        for name in index.fileOfTensor.keys {
            try CheckpointProbe.check(
                "bytes of a name", name.utf8.count, atMost: limits.nameByteCount)
        }
        try CheckpointProbe.check("shards", index.files.count, atMost: limits.shardCount)
        try CheckpointProbe.check(
            "tensors", index.fileOfTensor.count, atMost: limits.tensorCount)
    }
}
