import Checkpoints
import Digests
import Foundation
import Testing

/// Checkpoints in several files and their index.
@Suite struct ShardedCheckpointTests {
    private static let (first, second) = (
        "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"
    )
    private static let indexName = "model.safetensors.index.json"

    /// The files of a checkpoint with the tensors `a` and `b` in one file and `c` in another.
    private struct Files {
        var contents: [String: [UInt8]]

        init() {
            let (a, b) = (
                safetensorsEntry("a", "F32", "[2]", "[0,8]"),
                safetensorsEntry("b", "F32", "[1]", "[8,12]")
            )
            contents = [
                first: safetensorsBytes("{\(a),\(b)}", data: floatBytes([1, 2, 3])),
                second: safetensorsBytes(
                    "{\(safetensorsEntry("c", "F32", "[1,2]", "[0,8]"))}",
                    data: floatBytes([4, 5])),
            ]
            map = ["a": first, "b": first, "c": second]
        }

        var map: [String: String] {
            get { [:] }
            set {
                let pairs = newValue.sorted { $0.key < $1.key }.map { "\"\($0)\": \"\($1)\"" }
                let text = "{\"metadata\": {}, \"weight_map\": {\(pairs.joined(separator: ", "))}}"
                contents[indexName] = Array(text.utf8)
            }
        }

        func write(_ body: (String) throws -> Void) throws {
            try withFolder { folder in
                for (name, bytes) in contents {
                    try Data(bytes).write(to: URL(fileURLWithPath: folder + "/" + name))
                }
                try body(folder + "/")
            }
        }
    }

    private func expect(
        _ defect: ShardDefect, at path: String = indexName, opening name: String = indexName,
        _ files: Files, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try files.write { folder in
            let error = CheckpointError.shards(path: folder + path, defect: defect)
            #expect(throws: error, sourceLocation: sourceLocation) {
                try Checkpoint.open(folder + name)
            }
        }
    }

    @Test(arguments: [indexName, first, second])
    func `any of the files stands for all`(name: String) throws {
        try Files().write { folder in
            let checkpoint = try Checkpoint.open(folder + name)
            #expect(checkpoint.path == folder + Self.indexName)
            #expect(checkpoint.format == .safetensors)
            #expect(checkpoint.tensors.map(\.name) == ["a", "b", "c"])
            #expect(try checkpoint["a"]?.floats() == [1, 2])
            #expect(try checkpoint["b"]?.floats() == [3])
            #expect(try checkpoint["c"]?.floats() == [4, 5])
        }
    }

    /// The digest is that of the index and the shards put together in this order.
    @Test func `size and digest are those of all files`() throws {
        let files = Files()
        let bytes = [Self.indexName, Self.first, Self.second].flatMap { files.contents[$0] ?? [] }
        var hash = try SHA256()
        try hash.update(bytes.span)
        let expected = try hash.finalize().hexadecimal
        try files.write { folder in
            let checkpoint = try Checkpoint.open(folder + Self.second)
            #expect(checkpoint.byteCount == bytes.count)
            #expect(try checkpoint.digest() == expected)
        }
    }

    @Test func `one of several without its index is refused`() throws {
        var files = Files()
        files.contents[Self.indexName] = nil
        try expect(
            .noIndex(count: 2, expected: [Self.indexName]), at: Self.second, opening: Self.second,
            files)
        // The only one of one, and other names, are checkpoints of their own.
        let first = files.contents[Self.first]
        for name in [
            "model-00001-of-00001.safetensors", "fold-1-of-5.safetensors", "model.safetensors",
            "model-0001-of-0002.safetensors", "00001-of-00002.safetensors",
        ] {
            files.contents = [name: first ?? []]
            try files.write { folder in
                let checkpoint = try Checkpoint.open(folder + name)
                #expect(checkpoint.tensors.map(\.name) == ["a", "b"])
            }
        }
    }

    /// The stem may be any text, also one like the ending.
    @Test(arguments: ["state-of-the-art", "a-of-b", "a-00001-of-00001", "-of-"])
    func `a stem with -of- is one of several all the same`(stem: String) throws {
        var files = Files()
        let name = stem + "-00002-of-00002.safetensors"
        files.contents[name] = files.contents[Self.second]
        let indexName = stem + ".safetensors.index.json"
        try expect(.noIndex(count: 2, expected: [indexName]), at: name, opening: name, files)
        files.map = ["c": name]
        files.contents[indexName] = files.contents[Self.indexName]
        try files.write { folder in
            let checkpoint = try Checkpoint.open(folder + name)
            #expect(checkpoint.path == folder + indexName)
        }
    }

    @Test func `variants have an index of their own`() throws {
        var files = Files()
        let (first, second) = (
            "model.fp16-00001-of-00002.safetensors", "model.fp16-00002-of-00002.safetensors"
        )
        files.contents[first] = files.contents.removeValue(forKey: Self.first)
        files.contents[second] = files.contents.removeValue(forKey: Self.second)
        files.map = ["a": first, "b": first, "c": second]
        let index = files.contents.removeValue(forKey: Self.indexName)
        let names = ["model.fp16.safetensors.index.json", "model.safetensors.index.fp16.json"]
        try expect(.noIndex(count: 2, expected: names), at: first, opening: first, files)
        for name in names {
            files.contents[name] = index
            try files.write { folder in
                for name in [second, name] {
                    let checkpoint = try Checkpoint.open(folder + name)
                    #expect(checkpoint.tensors.count == 3)
                }
            }
            files.contents[name] = nil
        }
    }

    @Test func `files and index must fit`() throws {
        var files = Files()
        files.map = ["a": Self.first, "b": Self.first, "c": Self.second, "d": Self.second]
        try expect(.missingTensor("d", file: Self.second), files)
        files.map = ["a": Self.first, "c": Self.second]
        try expect(.strayTensor("b", file: Self.first, indexed: nil), files)
        files.map = ["a": Self.first, "b": Self.second, "c": Self.second]
        try expect(.strayTensor("b", file: Self.first, indexed: Self.second), files)
        files.map = ["a": Self.first, "b": Self.first]
        try expect(.notInIndex(index: Self.indexName), at: Self.second, opening: Self.second, files)
        // Files that the index does not name are not looked at.
        try files.write { folder in
            let checkpoint = try Checkpoint.open(folder + Self.indexName)
            #expect(checkpoint.tensors.count == 2)
        }
    }

    @Test func `all files must be there, be read, and be of one format`() throws {
        var files = Files()
        files.contents[Self.second] = nil
        for name in [Self.indexName, Self.first] {
            try expect(.missingFile(Self.second), opening: name, files)
        }
        files.contents[Self.second] =
            ZipWriter([
                .init("c.npy", ArrayWriter(data: floatBytes([1])).bytes)
            ]).bytes
        try expect(
            .formatsDiffer(file: Self.second, .npz, other: Self.first, .safetensors), files)
        files.contents[Self.second] = Array("version https://git-lfs.github.com/spec/v1\n".utf8)
        try files.write { folder in
            let error = CheckpointError.unsupportedFormat(
                path: folder + Self.second, recognized: .gitLFSPointer)
            #expect(throws: error) { try Checkpoint.open(folder + Self.indexName) }
            #expect(throws: error) { try Checkpoint.open(folder + Self.second) }
        }
        // An index is no shard.
        files.map = ["a": Self.indexName]
        try files.write { folder in
            let path = folder + Self.indexName
            let error = CheckpointError.unsupportedFormat(path: path, recognized: .json)
            #expect(throws: error) { try Checkpoint.open(path) }
        }
    }

    @Test func `an index that is none is refused`() throws {
        var files = Files()
        files.contents[Self.indexName] = Array("{\"weight_map\": {".utf8)
        try files.write { folder in
            let path = folder + Self.indexName
            let error = CheckpointError.json(
                path: path, part: "weight_map", defect: .malformed(offset: 16))
            for name in [Self.first, Self.indexName] {
                #expect(throws: error) { try Checkpoint.open(folder + name) }
            }
        }
        files.contents[Self.indexName] = Array("{\"metadata\": {}}".utf8)
        try files.write { folder in
            let path = folder + Self.indexName
            let error = CheckpointError.unsupportedFormat(path: path, recognized: .json)
            for name in [Self.first, Self.indexName] {
                #expect(throws: error) { try Checkpoint.open(folder + name) }
            }
        }
    }

    /// A text that only begins like JSON, one that is longer than an index may be, and an index.
    @Test func `an index is known by its content too`() throws {
        var files = Files()
        let index = files.contents.removeValue(forKey: Self.indexName)
        files.contents["shards"] = index
        files.contents["text"] = Array("{ no JSON".utf8)
        try files.write { folder in
            let checkpoint = try Checkpoint.open(folder + "shards")
            #expect(checkpoint.tensors.count == 3)
            var limits = ReadLimits.standard
            limits.shardIndexByteCount = 100
            for name in ["text", "shards"] {
                let error = CheckpointError.unsupportedFormat(
                    path: folder + name, recognized: .json)
                #expect(throws: error) { try Checkpoint.open(folder + name, limits: limits) }
            }
        }
    }

    @Test func `tensors of all files count together`() throws {
        try Files().write { folder in
            for (maximum, isEnough) in [(2, false), (3, true), (4, true)] {
                var limits = ReadLimits.standard
                limits.tensorCount = maximum
                let checkpoint = try? Checkpoint.open(folder + Self.first, limits: limits)
                #expect((checkpoint != nil) == isEnough)
            }
        }
    }

    @Test func `unread tensors are found by the index too`() throws {
        var files = Files()
        files.contents[Self.second] = safetensorsBytes(
            "{\(safetensorsEntry("c", "F8_E4M3", "[3]", "[0,3]"))}", data: [1, 2, 3])
        try files.write { folder in
            let checkpoint = try Checkpoint.open(folder + Self.first)
            #expect(checkpoint.tensors.map(\.name) == ["a", "b"])
            #expect(checkpoint.unread.map(\.name) == ["c"])
        }
        files.map = ["a": Self.first, "b": Self.first, "d": Self.second]
        try expect(.strayTensor("c", file: Self.second, indexed: nil), files)
    }

    @Test func `metadata are those that no two files give differently`() throws {
        func shard(_ tensor: String, _ metadata: String) -> [UInt8] {
            safetensorsBytes(
                "{\"__metadata__\":{\(metadata)},\(safetensorsEntry(tensor))}", data: [7])
        }
        var files = Files()
        files.contents[Self.first] = shard("a", #""format":"pt","rank":"0","x":"1","y":"1""#)
        files.contents[Self.second] = shard("b", #""format":"pt","rank":"1","z":"""#)
        files.map = ["a": Self.first, "b": Self.second]
        try files.write { folder in
            let metadata = try Checkpoint.open(folder + Self.first).metadata
            #expect(metadata == ["format": "pt", "x": "1", "y": "1", "z": ""])
        }
    }

    @Test func `PyTorch shards are read`() throws {
        typealias P = PickleWriter
        let names = (1...2).map { "pytorch_model-0000\($0)-of-00002.bin" }
        var files = Files()
        files.contents = [
            names[0]: TorchWriter(P.dictionary([("h.weight", P.vector())])).bytes,
            names[1]: TorchWriter(P.dictionary([("h.bias", P.vector()), ("n", P.int(3))])).bytes,
        ]
        files.map = ["h.weight": names[0], "h.bias": names[1]]
        files.contents["pytorch_model.bin.index.json"] = files.contents.removeValue(
            forKey: Self.indexName)
        try files.write { folder in
            let checkpoint = try Checkpoint.open(folder + names[1])
            #expect(checkpoint.format == .pytorchZip)
            #expect(checkpoint.tensors.map(\.name) == ["h.weight", "h.bias"])
            #expect(checkpoint.attributes == ["n": .int(3)])
        }
    }

    /// Parallel training puts `module.` in front of the names in the files and in the index; it
    /// goes where all files have it, and tensors that are not read count.
    @Test(arguments: [(["module.", "module."], ""), (["module.", ""], nil), (["", ""], "")])
    func `prefixes are those of all files`(prefixes: [String], remaining: String?) throws {
        typealias P = PickleWriter
        let names = (1...2).map { "w-0000\($0)-of-00002.bin" }
        let tensors = ["a", "b"].enumerated().map { prefixes[$0.offset] + $0.element }
        var files = Files()
        files.contents = [:]
        for (name, tensor) in zip(names, tensors) {
            let unread = P.call(P.global("torch._utils", "_rebuild_qtensor"), [P.vector()])
            let entries = [(tensor, P.vector()), ("\(tensor).q", unread)]
            files.contents[name] = TorchWriter(P.dictionary(entries)).bytes
        }
        files.map = Dictionary(
            uniqueKeysWithValues: zip(tensors, names).flatMap { [($0, $1), ("\($0).q", $1)] })
        try files.write { folder in
            let checkpoint = try Checkpoint.open(folder + Self.indexName)
            let expected = remaining == nil ? tensors : ["a", "b"]
            #expect(checkpoint.tensors.map(\.name) == expected)
            #expect(checkpoint.unread.map(\.name) == expected.map { "\($0).q" })
            #expect(checkpoint[expected[1]]?.shape == [4])
        }
    }

    @Test func `a shard that changes meanwhile is found out`() throws {
        try Files().write { folder in
            let checkpoint = try Checkpoint.open(folder + Self.indexName)
            let path = folder + Self.second
            let handle = try #require(FileHandle(forWritingAtPath: path))
            try handle.truncate(atOffset: 3)
            let error = CheckpointError.changedWhileRead(path: path)
            #expect(throws: error) { try checkpoint.digest() }
            #expect(throws: error) { try checkpoint["c"]?.floats() }
        }
    }

    @Test(
        arguments: [
            (.noIndex(count: 3, expected: ["i", "j"]), ["3 files", "i or j", "side by side"]),
            (.notInIndex(index: "i"), ["i beside it"]),
            (.missingFile("s"), ["s", "copy or download"]),
            (.missingTensor("t", file: "s"), ["\"t\"", "s"]),
            (.strayTensor("t", file: "s", indexed: "u"), ["\"t\"", "s", "u"]),
            (.strayTensor("t", file: "s", indexed: nil), ["does not name"]),
        ] as [(ShardDefect, [String])])
    func `errors name the files`(defect: ShardDefect, parts: [String]) {
        let text = CheckpointError.shards(path: "p", defect: defect).description
        #expect(text.hasPrefix("p: "))
        for part in parts { #expect(text.contains(part)) }
    }
}
