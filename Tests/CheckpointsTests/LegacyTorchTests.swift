import Checkpoints
import Testing

/// PyTorch files of the legacy format, built opcode by opcode or written by PyTorch.
@Suite struct LegacyTorchTests {
    typealias P = PickleWriter

    private func open(_ file: LegacyFile) throws -> Checkpoint {
        try Checkpoint.read(try file.bytes, name: "t")
    }

    private func read(_ writer: LegacyWriter) throws -> Checkpoint {
        try Checkpoint.read(writer.bytes, name: "t")
    }

    private func expect(
        _ defect: LegacyDefect, storage: String = "0", _ writer: LegacyWriter,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = CheckpointError.legacy(path: "t", storage: storage, defect: defect)
        #expect(throws: error, sourceLocation: sourceLocation) { try read(writer) }
        #expect(error.description.hasPrefix("t: "))
    }

    private let good = LegacyWriter(P.dictionary([("w", P.legacyVector("0"))]))

    @Test func `what PyTorch wrote is read`() throws {
        let checkpoint = try open(LegacyFile.state)
        #expect(checkpoint.format == .pytorchLegacy)
        let whole = (0..<24).map(Float.init)
        let transposed = (0..<6).flatMap { column in (0..<4).map { whole[6 * $0 + column] } }
        #expect(checkpoint["whole"]?.shape == [4, 6])
        #expect(try checkpoint["whole"]?.floats() == whole)
        #expect(checkpoint["transposed"]?.shape == [6, 4])
        #expect(try checkpoint["transposed"]?.floats() == transposed)
        #expect(try checkpoint["tail"]?.floats() == [20, 21, 22, 23])
        #expect(checkpoint["empty"]?.shape == [0])
        #expect(try checkpoint["empty"]?.floats() == [])
        #expect(try checkpoint["half"]?.doubles() == [1.5, .infinity])
        #expect(try checkpoint["brain"]?.doubles() == [1, -2.5])
        #expect(checkpoint["brain"]?.elementType == .bfloat16)
        #expect(try checkpoint["double"]?.doubles() == [0.1])
        #expect(checkpoint["double"]?.shape == [])
        #expect(try checkpoint["long"]?.integers() == [-(1 << 62), 3])
        #expect(try checkpoint["byte"]?.integers() == [250])
        #expect(try checkpoint["bool"]?.integers() == [1, 0])
        #expect(checkpoint["wide"]?.elementType == .uint16)
        #expect(try checkpoint["wide"]?.integers() == [65_535, 1])
        #expect(try checkpoint["parameter"]?.floats() == [6, 8, 10])
        #expect(checkpoint.tensors.count == 12)
        #expect(
            checkpoint.attributes == [
                "epoch": .int(12), "big": .int(1 << 40), "heads": .ints([3, 4]),
            ])
    }

    @Test(arguments: [
        LegacyFile.protocol2, LegacyFile.protocol3, LegacyFile.protocol4,
        LegacyFile.protocol5, LegacyFile.zipProtocol5,
    ])
    func `protocols two to five are read`(file: LegacyFile) throws {
        let checkpoint = try open(file)
        #expect(checkpoint.tensors.map(\.name) == ["w", "n"])
        #expect(checkpoint["w"]?.shape == [2, 2])
        #expect(try checkpoint["w"]?.floats() == [1, 2, 3, 4])
        #expect(try checkpoint["n"]?.integers() == [5])
        #expect(checkpoint.attributes == ["epoch": .int(3)])
    }

    @Test func `what Python 2 wrote is read`() throws {
        let checkpoint = try open(LegacyFile.python2)
        #expect(
            checkpoint.tensors.map(\.name) == ["tail", "classifier.weight", "classifier.bias"])
        #expect(checkpoint["classifier.weight"]?.shape == [2, 3])
        #expect(try checkpoint["classifier.weight"]?.floats() == [1, 2, 3, 4, 5, 6])
        #expect(try checkpoint["classifier.bias"]?.floats() == [0.5, -0.5])
        #expect(try checkpoint["tail"]?.floats() == [4, 5])
        #expect(
            checkpoint.attributes == [
                "num_classes": .ints([1, 1]), "training": .bool(false), "big": .int(1 << 40),
                "note": .string("café"), "old.rate": .double(0.5), "long": .int(12),
                "classifier.training": .bool(false), "classifier.in_features": .int(3),
            ])
    }

    // MARK: Storages

    @Test func `every storage is declared once and listed once`() throws {
        #expect(try read(good)["w"]?.floats() == [2.5])
        var writer = good
        writer.storages += [("0", 1, floatBytes([1]))]
        expect(.listedTwice, writer)
        writer.storages[1].0 = "1"
        expect(.notDeclared, storage: "1", writer)
        writer.storages = []
        expect(.notListed, writer)
        writer = good
        writer.rest = [0]
        expect(.trailingBytes(1), storage: "", writer)
    }

    @Test func `references to one storage agree`() throws {
        let same = [("w", P.legacyVector("0")), ("v", P.legacyVector("0"))]
        #expect(try read(LegacyWriter(P.dictionary(same))).tensors.count == 2)
        for other in [
            P.legacyStorage("0", "IntStorage"), P.legacyStorage("0", count: 2),
            P.legacyStorage("0", window: P.tuple([P.text("0"), P.int(0), P.int(1)])),
        ] {
            let body = P.dictionary([("w", P.legacyVector("0")), ("x", other)])
            expect(.severalDeclarations, LegacyWriter(body))
        }
        let windows = [P.int(0), P.int(1)].map { offset in
            P.legacyStorage("0", window: P.tuple([P.text("1"), offset, P.int(0)]))
        }
        let body = P.list([P.legacyVector("0")] + windows)
        expect(.severalDeclarations, storage: "1", LegacyWriter(body))
    }

    @Test func `counts are those declared`() {
        var writer = good
        for count in [0, 2, -1, 2_500_000_000, Int64.max] {
            writer.storages[0].1 = count
            expect(.wrongCount(declared: 1, found: Int(count)), writer)
        }
        writer.object = P.legacyStorage("0", count: -1)
        writer.storages[0].1 = -1
        expect(.wrongCount(declared: -1, found: -1), writer)
    }

    /// The sizes that pickle and data claim are compared with the bytes that are there.
    @Test(arguments: [2, 2_500_000_000, Int64.max])
    func `elements are there`(count: Int64) throws {
        var writer = good
        writer.object = P.legacyStorage("0", count: count)
        writer.storages[0].1 = count
        let end = writer.bytes.count
        let (bytes, overflows) = Int(count).multipliedReportingOverflow(by: 4)
        let error = CheckpointError.truncated(
            path: "t", part: "storage 0", offset: end - 4, needed: overflows ? .max : bytes,
            available: 4)
        #expect(throws: error) { try read(writer) }
    }

    @Test(arguments: [
        ("DoubleStorage", 8), ("FloatStorage", 4), ("HalfStorage", 2), ("BFloat16Storage", 2),
        ("LongStorage", 8), ("IntStorage", 4), ("ShortStorage", 2), ("CharStorage", 1),
        ("ByteStorage", 1), ("BoolStorage", 1), ("ComplexFloatStorage", 8),
        ("ComplexDoubleStorage", 16), ("QInt8Storage", 1), ("QUInt8Storage", 1),
        ("QInt32Storage", 4), ("QUInt4x2Storage", 1), ("QUInt2x4Storage", 1),
        ("UntypedStorage", 1),
    ])
    func `sizes of storages that are not read are known`(type: String, byteCount: Int) throws {
        var writer = good
        writer.object = P.dictionary([
            ("optimizer", P.legacyStorage("a", type, count: 3)), ("w", P.legacyVector("b")),
        ])
        writer.storages = [
            ("a", 3, [UInt8](repeating: 0, count: 3 * byteCount)), ("b", 1, floatBytes([7])),
        ]
        #expect(try read(writer)["w"]?.floats() == [7])
    }

    @Test func `what is unknown is refused`() {
        expect(
            .unsupportedType("torch.OddStorage"), LegacyWriter(P.legacyStorage("0", "OddStorage")))
        let references = [
            P.none, P.tuple([]), P.tuple([P.text("storage")]),
            P.tuple([P.text("storage"), P.text("x"), P.text("0"), P.text("cpu"), P.int(1), P.none]),
            P.tuple([P.text("module"), P.text("x"), P.text("f"), P.text("s")]),
        ]
        for reference in references {
            expect(.malformedReference, storage: "", LegacyWriter(reference + [0x51]))
        }
        for window in [P.int(1), P.tuple([P.text("1"), P.int(0)])] {
            let body = P.legacyStorage("0", window: window)
            expect(.malformedReference, storage: "", LegacyWriter(body))
        }
        var writer = good
        for keys in [P.none, P.emptyDictionary, P.list([P.int(0)]), P.list([P.none])] {
            writer.keys = keys
            expect(.malformedKeys, storage: "", writer)
        }
    }

    // MARK: The other pickles

    @Test func `version and system are checked`() throws {
        var writer = good
        for version in [P.int(1000), P.int(1002), P.none, P.double(1001)] {
            writer.version = version
            expect(.unsupportedVersion, storage: "", writer)
        }
        writer = good
        for system in [P.none, P.emptyDictionary, P.dictionary([("little_endian", P.int(1))])] {
            writer.system = system
            expect(.malformedSystem, storage: "", writer)
        }
        // PyTorch's writer swaps what it writes on big-endian machines.
        writer.system = P.dictionary([("little_endian", P.bool(false))])
        #expect(try read(writer)["w"]?.floats() == [2.5])
    }

    @Test func `a pickle outside any container is refused`() {
        let error = CheckpointError.unsupportedFormat(path: "t", recognized: .barePickle)
        let bare = P.file(P.dictionary([("w", P.int(1))]))
        #expect(throws: error) { try Checkpoint.read(bare, name: "t") }
    }

    // MARK: Windows

    @Test func `windows are views of a storage`() throws {
        func window(_ offset: Int32, _ count: Int32) -> [UInt8] {
            P.legacyStorage(
                "0", count: 6,
                window: P.tuple([P.text("\(offset),\(count)"), P.int(offset), P.int(count)]))
        }
        var writer = good
        writer.storages = [("0", 6, floatBytes([1, 2, 3, 4, 5, 6]))]
        writer.object = P.dictionary([
            ("a", P.tensor(window(1, 3), sizes: [3], strides: [1])),
            ("b", P.tensor(window(2, 4), offset: P.int(1), sizes: [2], strides: [2])),
            ("none", P.tensor(window(6, 0), sizes: [0], strides: [1])),
        ])
        let checkpoint = try read(writer)
        #expect(try checkpoint["a"]?.floats() == [2, 3, 4])
        #expect(try checkpoint["b"]?.floats() == [4, 6])
        #expect(try checkpoint["none"]?.floats() == [])
        func expectTensor(_ defect: TensorDefect, _ storage: [UInt8], sizes: [Int32]) {
            writer.object = P.dictionary([("w", P.tensor(storage, sizes: sizes, strides: [1]))])
            let error = CheckpointError.tensor(path: "t", name: "w", defect: defect)
            #expect(throws: error) { try read(writer) }
        }
        expectTensor(.outsideStorage(lastElement: 3, elementCount: 3), window(1, 3), sizes: [4])
        for (offset, count) in [(-1, 1), (0, -1), (7, 0), (0, 7), (6, 1), (1, .max)]
            as [(Int32, Int32)]
        {
            let defect = TensorDefect.windowOutside(
                offset: Int(offset), count: Int(count), elementCount: 6)
            expectTensor(defect, window(offset, count), sizes: [0])
        }
    }
}
