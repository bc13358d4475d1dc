import Checkpoints
import Foundation
import Testing

/// State dicts of NumPy arrays in PyTorch files: the elements lie in the pickle.
@Suite struct NumPyPickleTests {
    typealias P = PickleWriter

    private func read(_ body: [UInt8], limits: ReadLimits = .standard) throws -> Checkpoint {
        try Checkpoint.read(TorchWriter(body).bytes, name: "t", limits: limits)
    }

    // MARK: Written by NumPy

    private func bytes(_ version: Int) throws -> [UInt8] {
        let text = try #require(NumPyPickles.files[version])
        return [UInt8](
            try #require(Data(base64Encoded: text, options: .ignoreUnknownCharacters)))
    }

    /// In an archive as it is and deflated, and in a legacy file.
    @Test(arguments: 2...5)
    func `what NumPy wrote is read`(version: Int) throws {
        let pickle = try bytes(version)
        var archive = TorchWriter(P.none)
        archive.pickle = pickle
        try expectArrays(try Checkpoint.read(archive.bytes, name: "t"))
        archive.pickle = []
        var members = [ZipWriter.Member("a/data.pkl", pickle), .init("a/version", [0x33])]
        members[0].method = 8
        try expectArrays(try Checkpoint.read(ZipWriter(members).bytes, name: "t"))
        var legacy = LegacyWriter(P.none)
        legacy.storages = []
        legacy.object = Array(pickle.dropFirst(2).dropLast())
        try expectArrays(try Checkpoint.read(legacy.bytes, name: "t"))
    }

    /// NumPy 1 has its modules at other places, whose names protocols 2 and 3 write as lines.
    @Test(arguments: 2...3)
    func `names of NumPy 1 are read`(version: Int) throws {
        let scalars = try bytes(version).map { Unicode.Scalar($0) }
        let text = String(String.UnicodeScalarView(scalars))
        let old = text.replacingOccurrences(of: "numpy._core.", with: "numpy.core.")
        #expect(old != text)
        var archive = TorchWriter(P.none)
        archive.pickle = old.unicodeScalars.map { UInt8($0.value) }
        try expectArrays(try Checkpoint.read(archive.bytes, name: "t"))
    }

    private func expectArrays(_ checkpoint: Checkpoint) throws {
        #expect(checkpoint["fortran"]?.shape == [2, 3])
        #expect(checkpoint["fortran"]?.elementType == .float32)
        #expect(try checkpoint["fortran"]?.floats() == [0.5, -1.25, 3, 4, 5, -6])
        #expect(try checkpoint["double"]?.doubles() == [0.1, -2.5e300, 255])
        #expect(checkpoint["half"]?.shape == [2, 1])
        #expect(try checkpoint["half"]?.doubles() == [1.5, -0.25])
        #expect(try checkpoint["long"]?.integers() == [-(1 << 62), 3, 128])
        #expect(try checkpoint["byte"]?.integers() == [250, 251, 252, 253, 254, 255])
        #expect(try checkpoint["flag"]?.integers() == [1, 0])
        #expect(checkpoint["empty"]?.shape == [0, 3])
        #expect(try checkpoint["empty"]?.floats() == [])
        #expect(checkpoint["scalar"]?.shape == [])
        #expect(try checkpoint["scalar"]?.floats() == [2.5])
        #expect(checkpoint.unread.map(\.name) == ["names", "complex", "objects"])
        #expect(checkpoint.unread.map(\.type) == ["strings", "complex64", "objects"])
        #expect(checkpoint.unread.map(\.shape) == [[2], [1], [2]])
        #expect(checkpoint.tensors.count == 8)
        #expect(checkpoint.attributes == ["epoch": .int(3)])
    }

    // MARK: Written opcode by opcode

    private func type(_ code: [UInt8], order: String = "<", fields: [UInt8] = P.none) -> [UInt8] {
        let state = P.tuple([
            P.int(3), P.text(order), P.none, fields, P.none, P.int(-1), P.int(-1), P.int(0),
        ])
        return P.call(P.global("numpy", "dtype"), [code, P.bool(false), P.bool(true)]) + state
            + [0x62]
    }

    private func array(
        _ shape: [Int32], _ type: [UInt8], _ bytes: [UInt8], isFortran: [UInt8] = P.bool(false),
        version: [[UInt8]] = [P.int(1)], named name: String = "ndarray"
    ) -> [UInt8] {
        let state = P.tuple(version + [P.tuple(shape.map(P.int)), type, isFortran, bytes])
        let empty = [P.global("numpy", name), P.tuple([P.int(0)]), P.text("b")]
        return P.call(P.global("numpy.core.multiarray", "_reconstruct"), empty) + state + [0x62]
    }

    private func byteString(_ bytes: [UInt8]) -> [UInt8] {
        [0x42] + little(UInt32(bytes.count)) + bytes
    }

    private var floats: [UInt8] { floatBytes([1, 2, 3, 4]) }

    private func encoded(_ bytes: [UInt8], _ coding: String = "latin1") -> [UInt8] {
        let text = String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
        return P.call(P.global("_codecs", "encode"), [P.text(text), P.text(coding)])
    }

    /// `str` of Python 2, which may happen to be text; states without a version; integers as flags.
    @Test func `what Python 2 wrote is read`() throws {
        let text: [UInt8] = Array("abcdefgh".utf8)
        for bytes in [floatBytes([1, -2]), text] {
            let string = [0x54] + little(UInt32(bytes.count)) + bytes
            let float = type([0x55, 2, 0x66, 0x34])
            let body = array([2], float, string, isFortran: P.int(0), version: [])
            let expected = stride(from: 0, to: 8, by: 4).map { start in
                Float(
                    bitPattern: bytes[start..<start + 4].reversed().reduce(0) {
                        $0 << 8 | UInt32($1)
                    })
            }
            #expect(try read(P.dictionary([("w", body)]))["w"]?.floats() == expected)
        }
    }

    /// Texts beyond 1 MiB are not copied out of the pickle, but decoded piece by piece.
    @Test func `long arrays of protocol 2 are read`() throws {
        let values = (0..<300_000).map { Float($0) * -0.5 }
        let body = array([300, 1000], type(P.text("f4")), encoded(floatBytes(values)))
        let tensor = try #require(try read(P.dictionary([("w", body)]))["w"])
        #expect(try tensor.floats() == values)
        var blocks: [Float] = []
        try tensor.forEachBlock(of: 777) { block in
            for index in block.indices { blocks.append(block[index]) }
        }
        #expect(blocks == values)
        #expect(try tensor.rows().withRows(299..<300) { $0[999] } == values.last)
        let fortran = array(
            [1000, 300], type(P.text("f4")), encoded(floatBytes(values)), isFortran: P.bool(true))
        let columns = try #require(try read(P.dictionary([("w", fortran)]))["w"])
        #expect(try columns.floats()[1] == values[1000])
    }

    /// Every byte, and lengths around the pieces' borders.
    @Test(arguments: [0, 1, 2, 127, 128, 256, 1 << 20, 1_500_001])
    func `every byte survives the text of protocol 2`(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
        let body = array([Int32(count)], type(P.text("u1"), order: "|"), encoded(bytes))
        let tensor = try #require(try read(P.dictionary([("w", body)]))["w"])
        #expect(try tensor.integers() == bytes.map(Int64.init))
    }

    @Test func `lengths must fit`() {
        for (shape, bytes) in [([4], 12), ([4], 20), ([2, 3], 16), ([], 0), ([0], 4)] {
            let body = array(
                shape.map(Int32.init), type(P.text("f4")),
                byteString([UInt8](repeating: 1, count: bytes)))
            let declared = 4 * shape.reduce(1, *)
            let error = CheckpointError.tensor(
                path: "t", name: "w", defect: .lengthMismatch(declared: declared, found: bytes))
            #expect(throws: error) { try read(P.dictionary([("w", body)])) }
        }
    }

    @Test func `malformed arrays are errors`() {
        let float = type(P.text("f4"))
        let good = byteString(floats)
        let name = "numpy.core.multiarray._reconstruct"
        let wide = P.call(P.global("_codecs", "encode"), [P.text("ŀ"), P.text("latin1")])
        for body in [
            array([4], P.none, good), array([4], float, P.none), array([4], float, wide),
            array([4], float, good, isFortran: P.none),
            array([4], float, encoded(floats, "utf-8")),
            array([4], P.call(P.global("numpy", "dtype"), [P.text("f4")]), good),
            P.call(P.global("numpy.core.multiarray", "_reconstruct"), []),
        ] {
            let error = CheckpointError.tensor(
                path: "t", name: "w", defect: .malformedConstructor(name))
            #expect(throws: error) { try read(P.dictionary([("w", body)])) }
        }
        let negative = CheckpointError.tensor(path: "t", name: "w", defect: .negativeSize(-4))
        #expect(throws: negative) { try read(P.dictionary([("w", array([-4], float, good))])) }
        for (module, name, arguments) in [
            ("numpy.core.multiarray", "scalar", [float]),
            ("numpy._core.numeric", "_frombuffer", [good, float, P.tuple([P.int(4)])]),
            (
                "numpy._core.numeric", "_frombuffer",
                [good, float, P.tuple([P.int(4)]), P.text("K")]
            ),
        ] {
            let error = CheckpointError.tensor(
                path: "t", name: "w", defect: .malformedConstructor("\(module).\(name)"))
            #expect(throws: error) {
                try read(P.dictionary([("w", P.call(P.global(module, name), arguments))]))
            }
        }
    }

    @Test func `types of other packages are bfloat16 or unread`() throws {
        let bits: [UInt8] = [0x80, 0x3f, 0x20, 0xc0]
        let brain = array([2], type(P.global("ml_dtypes", "bfloat16")), byteString(bits))
        let eight = array([4], type(P.global("ml_dtypes", "float8_e4m3fn")), byteString(bits))
        let records = type(P.text("V8"), order: "|", fields: P.tuple([P.text("a")]))
        let checkpoint = try read(
            P.dictionary([
                ("brain", brain), ("eight", eight),
                ("records", array([1], records, byteString(floats))),
                ("date", array([1], type(P.text("M8")), byteString(floats))),
                ("masked", array([4], type(P.text("f4")), byteString(floats), named: "matrix")),
            ]))
        #expect(try checkpoint["brain"]?.floats() == [1, -2.5])
        #expect(checkpoint.tensors.count == 1)
        #expect(checkpoint.unread.map(\.name) == ["eight", "records", "date", "masked"])
        #expect(
            checkpoint.unread.map(\.type)
                == ["ml_dtypes.float8_e4m3fn", "records", "dates", "an object"])
    }

    /// The same terms as those of arrays in files of their own.
    @Test(arguments: [
        ("V7", "bytes"), ("c8", "complex64"), ("c16", "complex128"), ("c32", "complex256"),
        ("U5", "strings"), ("f16", "<f16"),
        (String(repeating: "q", count: 90), "<" + String(repeating: "q", count: 39)),
    ])
    func `types that are not read have their usual terms`(code: String, term: String) throws {
        let checkpoint = try read(
            P.dictionary([("w", array([1], type(P.text(code)), byteString(floats)))]))
        #expect(checkpoint.unread.map(\.type) == [term])
    }

    @Test func `arrays are content of parameters and of tensors from other devices`() throws {
        let content = array([4], type(P.text("f4")), byteString(floats))
        for name in ["_rebuild_device_tensor_from_numpy", "_rebuild_parameter"] {
            let tensor = P.call(
                P.global("torch._utils", name),
                [content, P.global("torch", "float32"), P.text("xla:0"), P.bool(false)])
            #expect(try read(P.dictionary([("w", tensor)]))["w"]?.floats() == [1, 2, 3, 4])
        }
    }

    /// Names of classes and the like beside a wrapped state dict are no state dict.
    @Test func `vectors and strings beside a wrapper keep its names`() throws {
        let float = type(P.text("f4"))
        let state = ("state_dict", P.dictionary([("w", P.vector())]))
        let vector = array([4], float, byteString(floats))
        let names = array([2], type(P.text("U1")), byteString([UInt8](repeating: 0, count: 8)))
        let beside = try read(P.dictionary([state, ("mean", vector), ("classes", names)]))
        #expect(beside.tensors.map(\.name) == ["w"])
        let matrix = array([2, 2], float, byteString(floats))
        let flat = try read(P.dictionary([state, ("fc.weight", matrix)]))
        #expect(flat.tensors.map(\.name) == ["state_dict.w", "fc.weight"])
    }

    /// Many arrays of one text: each copies it, so each counts.
    @Test func `one text for many arrays counts for each`() {
        let bytes = [UInt8](repeating: 7, count: 100_000)
        let text = P.text(String(decoding: bytes, as: UTF8.self)) + P.put(0) + [0x30]
        let shared = P.call(P.global("_codecs", "encode"), [P.get(0), P.text("latin1")])
        let tensor = array([100_000], type(P.text("u1"), order: "|"), shared)
        let body = text + P.dictionary((0..<100).map { ("a\($0)", tensor) })
        #expect {
            try read(body)
        } throws: { error in
            guard case .limitExceeded(_, _, .stepCount, _, _) = error as? CheckpointError
            else { return false }
            return true
        }
    }
}
