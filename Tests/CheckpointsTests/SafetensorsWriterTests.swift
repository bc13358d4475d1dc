import Checkpoints
import Fixtures
import Foundation
import Testing

/// Files as the writer writes them, and the content it refuses.
@Suite struct SafetensorsWriterTests {
    private typealias Item = (tensor: TensorDescription, bytes: [UInt8])

    private func item(
        _ name: String, _ type: ElementType, _ shape: [Int], _ bytes: [UInt8] = []
    ) -> Item {
        (TensorDescription(name: name, elementType: type, shape: shape), bytes)
    }

    /// Writes the items as they come from the writer, each in pieces of `chunk` bytes.
    private func write(
        _ items: [Item], metadata: [String: String] = [:], chunk: Int = .max, to path: String
    ) throws {
        let bytes = Dictionary(uniqueKeysWithValues: items.map { ($0.tensor.name, $0.bytes) })
        var writer = try SafetensorsWriter(
            path: path, tensors: items.map(\.tensor), metadata: metadata)
        for tensor in writer.tensors {
            var rest = try #require(bytes[tensor.name])[...]
            while !rest.isEmpty {
                try writer.append(Array(rest.prefix(chunk)).span, to: tensor.name)
                rest = rest.dropFirst(chunk)
            }
        }
        try writer.finish()
    }

    private func contents(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    private func files(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    }

    @Test(arguments: [1, 3, .max])
    func `the bytes are those of the reference`(chunk: Int) throws {
        let items = [
            item("count", .int64, [], little(Int64(3))),
            item("é\"\\\n\u{1}😀", .float32, [2, 3], floatBytes([0, 1, 2, 3, 4, 5])),
            item("empty", .float32, [0, 4]),
            item("half", .bfloat16, [2], [0xc0, 0x3f, 0x10, 0xc0]),
            item("", .uint8, [1], [7]), item("bytes", .int8, [3], [255, 0, 1]),
        ]
        let metadata = [
            "model.json": "{\n\t\"head\": \"het-xl\"\r\n}",
            "labels": "größe\n\"quoted\"\\\u{8}\u{c}\u{1f}\u{7f}", "": "",
        ]
        let golden = try #require(
            Data(base64Encoded: SafetensorsFiles.written, options: .ignoreUnknownCharacters))
        try withFolder { folder in
            let path = folder + "/a.safetensors"
            try write(items, metadata: metadata, chunk: chunk, to: path)
            #expect(try contents(path) == [UInt8](golden))
            #expect(try files(in: folder) == ["a.safetensors"])
            let checkpoint = try Checkpoint.open(path)
            #expect(checkpoint.metadata == metadata)
            #expect(try checkpoint["bytes"]?.integers() == [-1, 0, 1])
        }
    }

    /// Any tensors in any order: read back alike, and each begins at a multiple of its element's
    /// size, the first at one of 64.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func `what is written is read`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let items = (0..<Int.random(in: 0...12, using: &random)).map { index -> Item in
            let type = ElementType.allCases.randomElement(using: &random) ?? .bool
            let shape = (0..<Int.random(in: 0...3, using: &random)).map { _ in
                Int.random(in: 0...4, using: &random)
            }
            let count = shape.reduce(type.byteCount, *)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...1, using: &random) }
            return item("t\(index)", type, shape, bytes)
        }
        try withFolder { folder in
            let path = folder + "/a"
            try write(items, metadata: ["seed": "\(seed)"], chunk: 7, to: path)
            let checkpoint = try Checkpoint.open(path)
            #expect(checkpoint.metadata == ["seed": "\(seed)"])
            #expect(checkpoint.tensors.count == items.count)
            for item in items {
                let tensor = try #require(checkpoint[item.tensor.name])
                #expect(tensor.elementType == item.tensor.elementType)
                #expect(tensor.shape == item.tensor.shape)
            }
            try expectPlaces(of: items, in: try contents(path))
        }
    }

    /// By Foundation's JSON, which knows nothing of the reader.
    private func expectPlaces(of items: [Item], in file: [UInt8]) throws {
        let start = 8 + (0..<8).reduce(0) { $0 | Int(file[$1]) << (8 * $1) }
        #expect(start % 64 == 0)
        let json = try JSONSerialization.jsonObject(with: Data(file[8..<start]))
        let header = try #require(json as? [String: Any])
        for item in items {
            let entry = try #require(header[item.tensor.name] as? [String: Any])
            let offsets = try #require(entry["data_offsets"] as? [Int])
            #expect(offsets[0] % item.tensor.elementType.byteCount == 0)
            let stored = file[(start + offsets[0])..<(start + offsets[1])]
            #expect(Array(stored) == item.bytes)
        }
    }

    @Test func `widest elements come first then names`() throws {
        let items = [
            item("z", .int8, [1], [1]), item("y", .float16, [1], [1, 2]),
            item("x", .uint8, [1], [3]), item("B", .float32, [1], [1, 2, 3, 4]),
            item("a", .int32, [1], [5, 6, 7, 8]), item("w", .float64, [0]),
        ]
        try withFolder { folder in
            try write(items, to: folder + "/a")
            let names = try Checkpoint.open(folder + "/a").tensors.map(\.name)
            #expect(names == ["w", "B", "a", "y", "x", "z"])
        }
    }

    @Test func `every character survives`() throws {
        let scalars = (0...0x2ff).compactMap(Unicode.Scalar.init) + ["\u{2028}", "\u{ffff}", "😀"]
        let metadata = Dictionary(
            uniqueKeysWithValues: scalars.map { ("\($0.value)", "<\($0)>") })
        try withFolder { folder in
            try write([], metadata: metadata, to: folder + "/a")
            #expect(try Checkpoint.open(folder + "/a").metadata == metadata)
            let text = try contents(folder + "/a").dropFirst(8)
            let json = try JSONSerialization.jsonObject(with: Data(text))
            let header = try #require(json as? [String: [String: String]])
            #expect(header["__metadata__"] == metadata)
        }
    }

    private func expect(
        _ error: SafetensorsWriteError, _ tensors: [TensorDescription],
        metadata: [String: String] = [:], sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(throws: error, sourceLocation: sourceLocation) {
            let writer = try SafetensorsWriter(
                path: "/nowhere/a", tensors: tensors, metadata: metadata)
            try writer.finish()
        }
    }

    private func vector(_ name: String, _ shape: [Int] = [1]) -> TensorDescription {
        TensorDescription(name: name, elementType: .float32, shape: shape)
    }

    @Test func `what cannot be read is not written`() {
        let path = "/nowhere/a"
        func tensor(_ name: String, _ defect: TensorDefect) -> SafetensorsWriteError {
            .refused(.tensor(path: path, name: name, defect: defect))
        }
        expect(.reservedName(path: path, tensor: "__metadata__"), [vector("__metadata__")])
        expect(tensor("a", .duplicateName), [vector("a"), vector("a")])
        expect(tensor("a", .negativeSize(-1)), [vector("a", [-1])])
        expect(tensor("a", .sizeOverflow), [vector("a", [.max, 2])])
        expect(tensor("a", .sizeOverflow), [vector("a", [1 << 61])])
        // Two of 2⁶² bytes are one too many.
        expect(tensor("b", .sizeOverflow), [vector("a", [1 << 60]), vector("b", [1 << 60])])
    }

    /// Each of the reader's limits that the header could exceed, kept and exceeded by one. A file
    /// within them fails only for the folder that is missing.
    @Test func `limits of the reader hold`() {
        func expect(
            _ limit: ReadLimit, _ maximum: Int, part: String = "safetensors header",
            _ tensors: (Int) -> [TensorDescription],
            metadata: (Int) -> [String: String] = { _ in [:] }
        ) {
            self.expect(
                .failed(path: "/nowhere/a", operation: .create, errno: ENOENT), tensors(maximum),
                metadata: metadata(maximum))
            let error = CheckpointError.limitExceeded(
                path: "/nowhere/a", part: part, limit: limit, value: maximum + 1, maximum: maximum)
            self.expect(.refused(error), tensors(maximum + 1), metadata: metadata(maximum + 1))
        }
        expect(.nameByteCount, 4096) { [vector(String(repeating: "n", count: $0))] }
        expect(.dimensionCount, 64, part: "tensor \"a\"") {
            [vector("a", [Int](repeating: 1, count: $0))]
        }
        expect(
            .metadataEntryCount, 4096, part: "__metadata__", { _ in [] },
            metadata: { count in
                Dictionary(uniqueKeysWithValues: (0..<count).map { ("\($0)", "") })
            })
    }

    @Test func `bytes come in order and number`() throws {
        try withFolder { folder in
            let path = folder + "/a"
            var writer = try SafetensorsWriter(
                path: path, tensors: [vector("b"), vector("a"), vector("none", [0])], metadata: [:])
            func expect(
                _ error: SafetensorsWriteError, _ count: Int, to name: String,
                _ writer: inout SafetensorsWriter
            ) {
                #expect(throws: error) {
                    try writer.append([UInt8](repeating: 1, count: count).span, to: name)
                }
            }
            expect(.wrongTensor(path: path, tensor: "b", expected: "a"), 1, to: "b", &writer)
            let five = SafetensorsWriteError.tooManyBytes(
                path: path, tensor: "a", announced: 4, found: 5)
            expect(five, 5, to: "a", &writer)
            try writer.append([1, 2, 3].span, to: "a")
            expect(.wrongTensor(path: path, tensor: "b", expected: "a"), 1, to: "b", &writer)
            expect(five, 2, to: "a", &writer)
            try writer.append([UInt8]().span, to: "none")
            try writer.append([4].span, to: "a")
            expect(.wrongTensor(path: path, tensor: "a", expected: "b"), 1, to: "a", &writer)
            try writer.append([5, 6, 7, 8].span, to: "b")
            expect(.wrongTensor(path: path, tensor: "b", expected: nil), 1, to: "b", &writer)
            try writer.finish()
            #expect(try contents(path).suffix(8) == [1, 2, 3, 4, 5, 6, 7, 8])
        }
    }

    @Test(arguments: [0, 3])
    func `nothing is left when bytes are missing`(count: Int) throws {
        try withFolder { folder in
            let path = folder + "/a"
            var writer = try SafetensorsWriter(path: path, tensors: [vector("w")], metadata: [:])
            try writer.append([UInt8](repeating: 1, count: count).span, to: "w")
            let error = SafetensorsWriteError.tooFewBytes(
                path: path, tensor: "w", announced: 4, found: count)
            #expect(errorOfFinishing(writer) == error)
            #expect(try files(in: folder).isEmpty)
        }
    }
}
