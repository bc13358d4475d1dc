import Checkpoints
import Foundation
import Testing

/// Archives of `torch.save`, built opcode by opcode or written by PyTorch.
@Suite struct TorchArchiveTests {
    typealias P = PickleWriter

    private func read(_ writer: TorchWriter) throws -> Checkpoint {
        try Checkpoint.read(writer.bytes, name: "t")
    }

    private func read(_ body: [UInt8]) throws -> Checkpoint { try read(TorchWriter(body)) }

    private func open(_ base64: String) throws -> Checkpoint {
        let data = try #require(Data(base64Encoded: base64, options: .ignoreUnknownCharacters))
        return try Checkpoint.read([UInt8](data), name: "t")
    }

    private func expect(
        _ defect: TensorDefect, name: String = "w", _ tensor: [UInt8],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = CheckpointError.tensor(path: "t", name: name, defect: defect)
        #expect(throws: error, sourceLocation: sourceLocation) {
            try read(P.dictionary([(name, tensor)]))
        }
    }

    /// Written by PyTorch from `m = arange(24).view(4, 6)`, and views of it.
    @Test func `what PyTorch wrote is read`() throws {
        let checkpoint = try open(WrittenFiles.trainingState)
        let whole = (0..<24).map(Float.init)
        let transposed = (0..<6).flatMap { column in (0..<4).map { whole[6 * $0 + column] } }
        #expect(checkpoint["whole"]?.shape == [4, 6])
        #expect(try checkpoint["whole"]?.floats() == whole)
        #expect(checkpoint["transposed"]?.shape == [6, 4])
        #expect(try checkpoint["transposed"]?.floats() == transposed)
        #expect(try checkpoint["tail"]?.floats() == [20, 21, 22, 23])
        #expect(checkpoint["empty"]?.shape == [0])
        #expect(try checkpoint["empty"]?.floats() == [])
        #expect(try checkpoint["expanded"]?.floats() == [7, 7, 7])
        #expect(try checkpoint["half"]?.doubles() == [1.5, .infinity, 0x1p-24])
        #expect(try checkpoint["double"]?.doubles() == [0.1])
        #expect(checkpoint["double"]?.shape == [])
        #expect(try checkpoint["long"]?.integers() == [-(1 << 62), 3])
        #expect(try checkpoint["bool"]?.integers() == [1, 0])
        #expect(checkpoint["wide"]?.elementType == .uint16)
        #expect(try checkpoint["wide"]?.integers() == [65_535, 1])
        #expect(try checkpoint["parameter"]?.floats() == [6, 8, 10])
        #expect(checkpoint.tensors.count == 11)
        #expect(
            checkpoint.attributes == [
                "epoch": .int(12), "heads": .ints([3, 4]), "lr": .double(0.5),
                "arch": .string("r50"), "best": .bool(true), "size": .ints([4, 6]),
            ])
    }

    @Test func `lists are named by position`() throws {
        let checkpoint = try open(WrittenFiles.listOfTensors)
        #expect(checkpoint.tensors.map(\.name) == ["0", "1.inner"])
        #expect(try checkpoint["1.inner"]?.integers() == [3])
    }

    @Test func `a lone tensor has no name`() throws {
        #expect(try read(P.vector())[""]?.floats() == [1, 2, 3, 4])
    }

    @Test func `strides and offsets are elements`() throws {
        let storage = P.storage("0", count: 4)
        let body = P.dictionary([
            ("column", P.tensor(storage, offset: P.int(1), sizes: [2], strides: [2])),
            ("square", P.tensor(storage, sizes: [2, 2], strides: [1, 2])),
            ("last", P.tensor(storage, offset: P.int(3), sizes: [], strides: [])),
            ("none", P.tensor(storage, offset: P.int(4), sizes: [0, 5], strides: [5, 1])),
            ("behind", P.tensor(storage, offset: P.int(5), sizes: [0], strides: [1])),
            ("overlapping", P.tensor(storage, sizes: [3, 2], strides: [1, 1])),
        ])
        let checkpoint = try read(body)
        #expect(try checkpoint["column"]?.floats() == [2, 4])
        #expect(try checkpoint["square"]?.floats() == [1, 3, 2, 4])
        #expect(try checkpoint["last"]?.floats() == [4])
        #expect(try checkpoint["none"]?.floats() == [])
        #expect(try checkpoint["behind"]?.floats() == [])
        #expect(try checkpoint["overlapping"]?.floats() == [1, 2, 2, 3, 3, 4])
    }

    /// Every shape and stride up to three dimensions of up to three, against nested loops.
    @Test func `every small view is read in order`() throws {
        let values = (0..<20).map(Float.init)
        let storage = P.storage("0", count: 20)
        var views: [(String, [UInt8], [Float])] = []
        for code in 0..<(16 * 16 * 16) {
            let digits = (0..<6).map { Int32(code >> (2 * $0) & 3) }
            let (sizes, strides) = (Array(digits[..<3]), Array(digits[3...]))
            var expected: [Float] = []
            for i in 0..<sizes[0] {
                for j in 0..<sizes[1] {
                    for k in 0..<sizes[2] {
                        expected.append(
                            values[Int(1 + i * strides[0] + j * strides[1] + k * strides[2])])
                    }
                }
            }
            let view = P.tensor(storage, offset: P.int(1), sizes: sizes, strides: strides)
            views.append(("\(code)", view, expected))
        }
        var writer = TorchWriter(P.dictionary(views.map { ($0.0, $0.1) }))
        writer.storages = ["0": floatBytes(values)]
        let checkpoint = try read(writer)
        for (name, _, expected) in views {
            let tensor = try #require(checkpoint[name])
            guard try tensor.floats() != expected else { continue }
            Issue.record("view \(name) is wrong")
        }
    }

    @Test func `views outside their storage are refused`() {
        let storage = P.storage("0", count: 4)
        func view(_ offset: [UInt8], _ sizes: [Int32], _ strides: [Int32]) -> [UInt8] {
            P.tensor(storage, offset: offset, sizes: sizes, strides: strides)
        }
        expect(.outsideStorage(lastElement: 4, elementCount: 4), view(P.int(0), [5], [1]))
        expect(.outsideStorage(lastElement: 4, elementCount: 4), view(P.int(1), [2, 2], [2, 1]))
        expect(.outsideStorage(lastElement: 4, elementCount: 4), view(P.int(4), [], []))
        expect(.negativeOffset(-1), view(P.int(-1), [0], [1]))
        expect(.negativeStride(-1), view(P.int(3), [4], [-1]))
        expect(.negativeOffset(-1), view(P.int(-1), [4], [1]))
        expect(.negativeSize(-1), view(P.int(0), [-1], [1]))
        expect(.strideCountDiffers(dimensions: 2, strides: 1), view(P.int(0), [2, 2], [1]))
        let huge = [Int32](repeating: .max, count: 3)
        expect(.sizeOverflow, view(P.int(0), huge, [0, 0, 0]))
        expect(.sizeOverflow, view(P.long(.max), [2], [1]))
    }

    @Test func `storages must be there in full`() {
        expect(
            .missingStorage(key: "7"),
            P.tensor(P.storage("7", count: 4), sizes: [1], strides: [1]))
        expect(
            .storageTooShort(declared: 20, found: 16),
            P.tensor(P.storage("0", count: 5), sizes: [1], strides: [1]))
        let type = P.global("torch", "FloatStorage")
        expect(
            .sizeOverflow,
            P.tensor(P.storage("0", type, count: P.long(.max)), sizes: [1], strides: [1]))
        expect(
            .negativeSize(-1),
            P.tensor(P.storage("0", type, count: P.int(-1)), sizes: [0], strides: [1]))
    }

    @Test(arguments: [
        ("DoubleStorage", ElementType.float64), ("FloatStorage", .float32),
        ("HalfStorage", .float16), ("BFloat16Storage", .bfloat16), ("LongStorage", .int64),
        ("IntStorage", .int32), ("ShortStorage", .int16), ("CharStorage", .int8),
        ("ByteStorage", .uint8), ("BoolStorage", .bool),
    ])
    func `storage types are known`(name: String, type: ElementType) throws {
        let count = Int32(16 / type.byteCount)
        let storage = P.storage("0", name, count: count)
        let checkpoint = try read(P.tensor(storage, sizes: [count], strides: [1]))
        #expect(checkpoint[""]?.elementType == type)
        #expect(try checkpoint[""]?.floats().count == Int(count))
    }

    @Test func `malformed constructors are named`() {
        let v2 = "torch._utils._rebuild_tensor_v2"
        let constructor = P.global("torch._utils", "_rebuild_tensor_v2")
        expect(.malformedConstructor(v2), P.call(constructor, []))
        expect(
            .malformedConstructor(v2),
            P.call(constructor, [P.int(0), P.int(0), P.emptyTuple, P.emptyTuple]))
        let sizes = P.tuple([P.double(4)])
        let arguments = [P.storage("0", count: 4), P.int(0), sizes, sizes]
        expect(.malformedConstructor(v2), P.call(constructor, arguments))
        let parameter = P.global("torch._utils", "_rebuild_parameter")
        let malformed = TensorDefect.malformedConstructor("torch._utils._rebuild_parameter")
        expect(malformed, P.call(parameter, [P.int(1)]))
        expect(malformed, P.call(parameter, [P.call(parameter, [P.vector()])]))
    }

    @Test func `big-endian storages are swapped`() throws {
        var writer = TorchWriter(P.vector())
        writer.byteOrder = "big"
        writer.storages = ["0": [1, 2.5, -3, 4].flatMap { big(Float($0).bitPattern) }]
        #expect(try read(writer)[""]?.floats() == [1, 2.5, -3, 4])
        writer.byteOrder = "middle"
        #expect(
            throws: CheckpointError.archive(
                path: "t", member: "archive/byteorder", defect: .unsupportedContent("middle"))
        ) { try read(writer) }
        writer.byteOrder = nil
        #expect(try read(writer)[""]?.floats() != [1, 2.5, -3, 4])
    }

    @Test func `versions one to ten are read`() throws {
        var writer = TorchWriter(P.vector())
        for version in ["1", "3\n", "10"] {
            writer.version = version
            #expect(try read(writer).tensors.count == 1)
        }
        for version in ["0", "11", "", "three"] {
            writer.version = version
            #expect(
                throws: CheckpointError.archive(
                    path: "t", member: "archive/version", defect: .unsupportedContent(version))
            ) { try read(writer) }
        }
        writer.version = nil
        #expect(
            throws: CheckpointError.archive(path: "t", member: "archive/version", defect: .missing)
        ) { try read(writer) }
    }

    @Test func `there is one pickle and no script`() throws {
        var writer = TorchWriter(P.vector())
        writer.others = [.init("archive/constants.pkl", [])]
        #expect(throws: CheckpointError.unsupportedFormat(path: "t", recognized: .torchScript)) {
            try read(writer)
        }
        writer.others = [.init("other/data.pkl", [])]
        let defect = ArchiveDefect.severalPickles(other: "archive/data.pkl")
        #expect(
            throws: CheckpointError.archive(path: "t", member: "other/data.pkl", defect: defect)
        ) { try read(writer) }
        writer.others = [.init("archive/extra/data.pkl", [])]
        #expect(try read(writer).tensors.count == 1)
    }
}
