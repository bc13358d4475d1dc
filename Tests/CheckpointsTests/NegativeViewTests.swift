import Checkpoints
import Testing

/// Tensors whose constructor says that elements are not what is stored.
@Suite struct NegativeViewTests {
    typealias P = PickleWriter

    private func read(_ tensor: [UInt8], _ writer: (inout TorchWriter) -> Void = { _ in }) throws
        -> Checkpoint
    {
        var file = TorchWriter(P.dictionary([("w", tensor)]))
        writer(&file)
        return try Checkpoint.read(file.bytes, name: "t")
    }

    private func flags(_ flags: [(String, Bool)]) -> [UInt8] {
        P.dictionary(flags.map { ($0.0, P.bool($0.1)) })
    }

    /// A matrix of four elements, with a seventh argument.
    private func tensor(
        _ metadata: [UInt8], _ type: String = "FloatStorage", strides: [Int32] = [2, 1]
    ) -> [UInt8] {
        let arguments = [
            P.storage("0", type, count: 4), P.int(0), P.tuple([P.int(2), P.int(2)]),
            P.tuple(strides.map(P.int)), P.bool(false), P.orderedDictionary([]), metadata,
        ]
        return P.call(P.global("torch._utils", "_rebuild_tensor_v2"), arguments)
    }

    private func expect(
        _ values: [Float], _ tensor: Tensor?, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let tensor = try #require(tensor, sourceLocation: sourceLocation)
        #expect(try tensor.floats() == values, sourceLocation: sourceLocation)
        #expect(try tensor.doubles() == values.map(Double.init), sourceLocation: sourceLocation)
        for count in 1...5 {
            var blocks: [Float] = []
            try tensor.forEachBlock(of: count) { block in
                for index in block.indices { blocks.append(block[index]) }
            }
            #expect(blocks == values, sourceLocation: sourceLocation)
        }
        let rows = try tensor.rows()
        for rowRange in [0..<2, 0..<1, 1..<2] {
            let found = rows.withRows(rowRange) { span in span.indices.map { span[$0] } }
            let expected = Array(values[2 * rowRange.lowerBound..<2 * rowRange.upperBound])
            #expect(found == expected, sourceLocation: sourceLocation)
        }
    }

    @Test(arguments: [ElementType.float64, .float32, .float16, .bfloat16])
    func `negative views change the sign however they are read`(type: ElementType) throws {
        let storages: [ElementType: (String, (Float) -> [UInt8])] = [
            .float64: ("DoubleStorage", { little(Double($0).bitPattern) }),
            .float32: ("FloatStorage", { little($0.bitPattern) }),
            .float16: ("HalfStorage", { little(Float16($0).bitPattern) }),
            .bfloat16: ("BFloat16Storage", { little(UInt16($0.bitPattern >> 16)) }),
        ]
        let (name, encode) = try #require(storages[type])
        let values: [Float] = [1, -2.5, 0.25, 4]
        let set: (inout TorchWriter) -> Void = { $0.storages = ["0": values.flatMap(encode)] }
        let negated = values.map { -$0 }
        let negative = try read(tensor(flags([("neg", true)]), name), set)
        #expect(negative["w"]?.elementType == type)
        try expect(negated, negative["w"])
        let transposed = tensor(flags([("neg", true)]), name, strides: [1, 2])
        try expect(
            [negated[0], negated[2], negated[1], negated[3]], try read(transposed, set)["w"])
        try expect(values, try read(tensor(P.none, name), set)["w"])
    }

    @Test func `big-endian ones too`() throws {
        let negative = try read(tensor(flags([("neg", true)]))) {
            $0.byteOrder = "big"
            $0.storages = ["0": [1, 2, 3, 4].flatMap { big(Float($0).bitPattern) }]
        }
        try expect([-1, -2, -3, -4], negative["w"])
    }

    @Test func `flags without an effect have none`() throws {
        for metadata in [
            P.none, flags([]), flags([("neg", false)]), flags([("conj", true)]),
            flags([("conj", true), ("neg", false)]), P.orderedDictionary([("neg", P.bool(false))]),
        ] {
            try expect([1, 2, 3, 4], try read(tensor(metadata))["w"])
        }
        let both = tensor(flags([("conj", true), ("neg", true)]))
        try expect([-1, -2, -3, -4], try read(both)["w"])
    }

    /// As PyTorch 2.1 and later writes tensors of types without a storage class.
    @Test func `the eighth argument of the third constructor is the same`() throws {
        let storage = P.storage("0", P.global("torch", "UntypedStorage"), count: P.int(16))
        let four = P.tuple([P.int(2), P.int(2)])
        let arguments = [
            storage, P.int(0), four, P.tuple([P.int(2), P.int(1)]), P.bool(false),
            P.orderedDictionary([]), P.global("torch", "float32"), flags([("neg", true)]),
        ]
        let tensor = P.call(P.global("torch._utils", "_rebuild_tensor_v3"), arguments)
        try expect([-1, -2, -3, -4], try read(tensor)["w"])
    }

    @Test func `parameters and classes around them keep the sign`() throws {
        let negative = tensor(flags([("neg", true)]))
        let utils = "torch._utils"
        let hooks = P.orderedDictionary([])
        let parameter = P.call(
            P.global(utils, "_rebuild_parameter"), [negative, P.bool(true), hooks])
        let stateful = P.call(
            P.global(utils, "_rebuild_parameter_with_state"),
            [negative, P.bool(true), hooks, P.dictionary([("tag", P.int(1))])])
        for body in [parameter, stateful] {
            try expect([-1, -2, -3, -4], try read(body)["w"])
            let typed = P.call(
                P.global("torch._tensor", "_rebuild_from_type_v2"),
                [
                    P.global(utils, "_rebuild_parameter"),
                    P.global("torch.nn.parameter", "Parameter"),
                    P.tuple([negative, P.bool(true), hooks]), P.dictionary([]),
                ])
            try expect([-1, -2, -3, -4], try read(typed)["w"])
        }
    }

    @Test func `subclasses are unread and malformed ones errors`() throws {
        let arguments = P.tuple([P.storage("0", count: 4), P.int(0), P.tuple([]), P.tuple([])])
        let subclass = P.call(
            P.global("torch._tensor", "_rebuild_from_type_v2"),
            [
                P.global("torch._utils", "_rebuild_tensor_v2"), P.global("my.scaled", "Tensor"),
                arguments, P.dictionary([]),
            ])
        let checkpoint = try read(subclass)
        let unread = try #require(checkpoint.unreadTensor(named: "w"))
        #expect(unread.type == "a subclass of Tensor")
        #expect(unread.reason.contains("my.scaled.Tensor"))
        let malformed = P.call(P.global("torch._tensor", "_rebuild_from_type_v2"), [])
        #expect(
            throws: CheckpointError.tensor(
                path: "t", name: "w",
                defect: .malformedConstructor("torch._tensor._rebuild_from_type_v2"))
        ) { try read(malformed) }
    }

    /// Classes in classes in classes end, however deep they are nested.
    @Test func `nested wrappings end`() {
        var body = P.vector()
        for _ in 0..<100 {
            body = P.call(
                P.global("torch._tensor", "_rebuild_from_type_v2"),
                [
                    P.global("torch._utils", "_rebuild_parameter"), P.global("torch", "Tensor"),
                    P.tuple([body, P.bool(true), P.none]), P.dictionary([]),
                ])
        }
        #expect(throws: CheckpointError.self) { try read(body) }
    }

    @Test func `unknown flags are named`() throws {
        let checkpoint = try read(tensor(flags([("neg", false), ("zero_point", true)])))
        let unread = try #require(checkpoint.unreadTensor(named: "w"))
        #expect(unread.reason.contains("\"zero_point\""))
        #expect(unread.shape == [2, 2])
    }

    @Test(arguments: ["IntStorage", "ByteStorage", "BoolStorage"])
    func `negative views of integers are unread`(storage: String) throws {
        let checkpoint = try read(tensor(flags([("neg", true)]), storage))
        #expect(checkpoint.unreadTensor(named: "w")?.reason.contains("negative") == true)
        #expect(try read(tensor(flags([("conj", true)]), storage))["w"] != nil)
    }

    @Test func `complex conjugates are unread`() throws {
        let checkpoint = try read(tensor(flags([("conj", true)]), "ComplexFloatStorage"))
        #expect(checkpoint.unreadTensor(named: "w")?.type == "complex64")
    }

    @Test func `metadata of another form are errors`() {
        for metadata in [
            P.int(1), P.list([]), P.dictionary([]) + P.none,
            P.emptyDictionary + P.mark + P.int(1) + P.bool(true) + [0x75],
            P.dictionary((0..<17).map { ("k\($0)", P.bool(false)) }),
        ] {
            #expect(
                throws: CheckpointError.tensor(
                    path: "t", name: "w",
                    defect: .malformedConstructor("torch._utils._rebuild_tensor_v2"))
            ) { try read(tensor(metadata)) }
        }
    }
}
