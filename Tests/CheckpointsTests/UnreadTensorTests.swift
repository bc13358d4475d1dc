import Checkpoints
import Testing

/// Tensors of types that nobody reads, beside others in PyTorch files.
@Suite struct UnreadTensorTests {
    typealias P = PickleWriter

    private func read(_ tensor: [UInt8]) throws -> Checkpoint {
        let body = P.dictionary([("w", P.vector()), ("odd", tensor), ("z", P.vector())])
        return try Checkpoint.read(TorchWriter(body).bytes, name: "t")
    }

    /// The tensors beside `tensor` are read, and it is listed as one of this type.
    private func expect(
        _ type: String, _ shape: [Int]?, because part: String, _ tensor: [UInt8],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let checkpoint = try read(tensor)
        let location = sourceLocation
        #expect(checkpoint.tensors.map(\.name) == ["w", "z"], sourceLocation: location)
        #expect(try checkpoint["w"]?.floats() == [1, 2, 3, 4], sourceLocation: location)
        #expect(checkpoint.unread.map(\.name) == ["odd"], sourceLocation: location)
        #expect(checkpoint["odd"] == nil, sourceLocation: location)
        let found = try #require(checkpoint.unreadTensor(named: "odd"), sourceLocation: location)
        #expect(found.type == type, sourceLocation: location)
        #expect(found.shape == shape, sourceLocation: location)
        #expect(found.reason.contains(part), sourceLocation: location)
        let refusal = checkpoint.refusal(of: found).description
        for word in ["t: ", "\"odd\"", type, found.reason] {
            #expect(refusal.contains(word), sourceLocation: location)
        }
    }

    private func make(_ module: String, _ name: String, _ arguments: [[UInt8]]) -> [UInt8] {
        P.call(P.global(module, name), arguments)
    }

    @Test(arguments: [
        ("ComplexFloatStorage", "complex64"), ("ComplexDoubleStorage", "complex128"),
        ("QInt8Storage", "qint8"), ("NewStorage", "torch.NewStorage"),
    ])
    func `storages of other types are unread`(storage: String, type: String) throws {
        let storage = P.storage("0", storage, count: 2)
        try expect(
            type, [2, 1], because: "elements", P.tensor(storage, sizes: [2, 1], strides: [1, 1]))
    }

    /// Untyped storages, with the element type as the seventh argument.
    @Test(arguments: ["float8_e4m3fn", "float8_e5m2", "complex32", "uint4", "quint4x2"])
    func `types of untyped storages are unread`(type: String) throws {
        let storage = P.storage("0", P.global("torch.storage", "UntypedStorage"), count: P.int(16))
        let tensor = make(
            "torch._utils", "_rebuild_tensor_v3",
            [
                storage, P.int(0), P.tuple([P.int(16)]), P.tuple([P.int(1)]), P.bool(false),
                P.orderedDictionary([]), P.global("torch", type),
            ])
        try expect(type, [16], because: "elements", tensor)
    }

    @Test func `other kinds of tensors are unread`() throws {
        let sizes = P.tuple([P.int(3), P.int(2)])
        let utils = "torch._utils"
        try expect(
            "quantised", [3, 2], because: "torch._utils._rebuild_qtensor",
            make(utils, "_rebuild_qtensor", [P.none, P.int(0), sizes, sizes, P.none]))
        try expect(
            "sparse", nil, because: "_rebuild_sparse_tensor",
            make(utils, "_rebuild_sparse_tensor", [P.none, P.none]))
        try expect(
            "nested", nil, because: "_rebuild_nested_tensor",
            make(utils, "_rebuild_nested_tensor", [P.vector()]))
        try expect(
            "without data", [3, 2], because: "_rebuild_meta_tensor_no_storage",
            make(utils, "_rebuild_meta_tensor_no_storage", [P.none, sizes, sizes, P.bool(false)]))
        try expect(
            "a subclass of Tensor", [3, 2], because: "_rebuild_wrapper_subclass",
            make(utils, "_rebuild_wrapper_subclass", [P.none, P.none, sizes]))
        try expect(
            "a tensor of another kind", nil, because: "torch.later._rebuild_other",
            make("torch.later", "_rebuild_other", []))
    }

    /// No more dimensions than a tensor may have, and no sizes that are none.
    @Test func `shapes that are none are left out`() throws {
        for (sizes, shape) in [
            ([[UInt8]](repeating: P.int(1), count: 64), [Int](repeating: 1, count: 64)),
            ([[UInt8]](repeating: P.int(1), count: 65), nil), ([P.int(1), P.double(2)], nil),
        ] {
            let tensor = make(
                "torch._utils", "_rebuild_qtensor", [P.none, P.int(0), P.tuple(sizes)])
            try expect("quantised", shape, because: "qtensor", tensor)
        }
        let lacking = make("torch._utils", "_rebuild_qtensor", [P.none])
        try expect("quantised", nil, because: "qtensor", lacking)
    }

    @Test func `parameters around them are unread`() throws {
        let quantised = make("torch._utils", "_rebuild_qtensor", [])
        for (name, content) in [
            ("_rebuild_parameter", quantised), ("_rebuild_parameter_with_state", quantised),
        ] {
            let parameter = make(
                "torch._utils", name, [content, P.bool(true), P.orderedDictionary([])])
            try expect("quantised", nil, because: "qtensor", parameter)
        }
        let parameter = make("torch._utils", "_rebuild_parameter", [make("odd", "Tensor", [])])
        try expect("an object", nil, because: "odd.Tensor", parameter)
    }

    @Test func `members of modules that are neither tensors nor modules are unread`() throws {
        let record = make("a", "B", [])
        let body = P.module(
            parameters: [("w", P.vector()), ("int", P.int(1))], buffers: [("packed", record)],
            modules: [
                ("script", record), ("table", P.dictionary([])),
                ("sub", P.module(parameters: [("w", P.vector())])),
            ])
        let checkpoint = try Checkpoint.read(TorchWriter(body).bytes, name: "t")
        #expect(checkpoint.tensors.map(\.name) == ["w", "sub.w"])
        #expect(checkpoint.unread.map(\.name) == ["int", "packed", "script", "table"])
        #expect(checkpoint.unreadTensor(named: "packed")?.reason.contains("a.B") == true)
        #expect(checkpoint.unreadTensor(named: "int")?.reason == "it is no tensor")
    }

    @Test func `the parallel prefix is stripped from all or none`() throws {
        let quantised = make("torch._utils", "_rebuild_qtensor", [])
        for name in ["module.q", "q"] {
            let body = P.dictionary([("module.w", P.vector()), (name, quantised)])
            let checkpoint = try Checkpoint.read(TorchWriter(body).bytes, name: "t")
            let isParallel = name == "module.q"
            #expect(checkpoint.tensors.map(\.name) == [isParallel ? "w" : "module.w"])
            #expect(checkpoint.unread.map(\.name) == ["q"])
        }
    }

    @Test func `a name is that of one tensor, read or unread`() throws {
        let quantised = make("torch._utils", "_rebuild_qtensor", [])
        let error = CheckpointError.tensor(path: "t", name: "a.b", defect: .duplicateName)
        for (first, second) in [
            (quantised, P.vector()), (P.vector(), quantised), (quantised, quantised),
        ] {
            let body = P.dictionary([("a", P.dictionary([("b", first)])), ("a.b", second)])
            #expect(throws: error) { try Checkpoint.read(TorchWriter(body).bytes, name: "t") }
        }
    }

    @Test func `unread tensors count as tensors`() throws {
        let quantised = make("torch._utils", "_rebuild_qtensor", [])
        let body = P.dictionary([("a", P.vector()), ("b", quantised), ("c", quantised)])
        for (maximum, isEnough) in [(2, false), (3, true), (4, true)] {
            var limits = ReadLimits.standard
            limits.tensorCount = maximum
            let checkpoint = try? Checkpoint.read(
                TorchWriter(body).bytes, name: "t", limits: limits)
            #expect((checkpoint != nil) == isEnough)
        }
    }

    /// Damage is no matter of types.
    @Test func `malformed tensors are errors`() {
        let constructor = P.global("torch._utils", "_rebuild_tensor_v2")
        #expect(
            throws: CheckpointError.tensor(
                path: "t", name: "odd",
                defect: .malformedConstructor("torch._utils._rebuild_tensor_v2"))
        ) { try read(P.call(constructor, [P.int(1)])) }
        #expect(
            throws: CheckpointError.tensor(
                path: "t", name: "odd", defect: .missingStorage(key: "9"))
        ) { try read(P.vector("9")) }
    }
}
