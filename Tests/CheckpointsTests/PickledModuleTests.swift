import Checkpoints
import Testing

/// Whole modules: their tensors have the names of `state_dict()`.
@Suite struct PickledModuleTests {
    typealias P = PickleWriter

    private func read(_ body: [UInt8]) throws -> Checkpoint {
        try Checkpoint.read(TorchWriter(body).bytes, name: "t")
    }

    private func names(_ body: [UInt8]) throws -> [String] { try read(body).tensors.map(\.name) }

    private func expect(
        _ defect: TensorDefect, name: String, _ body: [UInt8],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = CheckpointError.tensor(path: "t", name: name, defect: defect)
        #expect(throws: error, sourceLocation: sourceLocation) { try read(body) }
    }

    // MARK: Written by PyTorch

    private let attributes: [String: AttributeValue] = [
        "training": .bool(true), "num_classes": .ints([2, 3]), "rate": .double(0.25),
        "kind": .string("mhp"), "size": .ints([4, 5]), "scale.training": .bool(true),
    ]

    @Test(arguments: [LegacyFile.module, LegacyFile.moduleProtocol5])
    func `modules in legacy files are read`(file: LegacyFile) throws {
        let checkpoint = try Checkpoint.read(try file.bytes, name: "t")
        #expect(checkpoint.format == .pytorchLegacy)
        try expectNet(checkpoint)
        var found = checkpoint.attributes
        let isWrapped = file == .module
        #expect(found.removeValue(forKey: "acc") == (isWrapped ? .double(71.25) : nil))
        #expect(found == attributes)
    }

    @Test func `parallel modules in archives are read`() throws {
        let data = try LegacyFile.zipParallelModule.bytes
        let checkpoint = try Checkpoint.read(data, name: "t")
        try expectNet(checkpoint)
        // `DataParallel` has attributes of its own, so names keep the module's.
        #expect(checkpoint.attributes["module.num_classes"] == .ints([2, 3]))
        #expect(checkpoint.attributes["module.scale.training"] == .bool(true))
        #expect(checkpoint.attributes["device_ids"] == .ints([]))
    }

    private func expectNet(_ checkpoint: Checkpoint) throws {
        #expect(checkpoint.tensors.map(\.name) == ["top", "scale.weight", "scale.seen"])
        #expect(checkpoint["top"]?.shape == [2, 3])
        #expect(try checkpoint["top"]?.floats() == [0, 1, 2, 3, 4, 5])
        #expect(try checkpoint["scale.weight"]?.floats() == [2, 3])
        #expect(try checkpoint["scale.seen"]?.integers() == [7])
    }

    // MARK: Written opcode by opcode

    private let net = P.module(
        parameters: [("w", P.vector()), ("none", P.none)], buffers: [("b", P.vector())],
        modules: [("sub", P.module(parameters: [("w", P.vector())])), ("none", P.none)])

    @Test func `modules stand for their state dicts`() throws {
        #expect(try names(net) == ["w", "b", "sub.w"])
        #expect(try names(P.dictionary([("net", net), ("w", P.int(1))])) == ["w", "b", "sub.w"])
        #expect(try names(P.dictionary([("loss", net)])) == ["loss.w", "loss.b", "loss.sub.w"])
        #expect(try names(P.list([net])) == ["0.w", "0.b", "0.sub.w"])
        let parallel = P.module(modules: [("module", net)])
        #expect(try names(P.dictionary([("net", parallel)])) == ["w", "b", "sub.w"])
        let beside = P.dictionary([("model", P.dictionary([("x", P.vector())])), ("loss", net)])
        #expect(try names(beside) == ["x"])
    }

    /// A pair of state and slots, or a class with its source in front.
    @Test func `other forms of state are read`() throws {
        let state = P.moduleState(parameters: [("w", P.vector())])
        let pair = P.object(P.global("nets", "Net"), state: P.tuple([state, P.none]))
        #expect(try names(pair) == ["w"])
        let source =
            P.tuple([P.text("module"), P.global("nets", "Net"), P.text("f"), P.text("s")]) + [0x51]
        #expect(try names(P.object(source, state: state)) == ["w"])
    }

    @Test func `buffers that are not persistent are left out`() throws {
        let buffers = [("a", P.vector()), ("b", P.vector()), ("c", P.vector())]
        let texts = [P.text("a"), P.text("c")]
        let sets = [
            P.call(P.global("builtins", "set"), [P.list(texts)]),
            [0x8f] + P.mark + texts.joined() + [0x90],
        ]
        for set in sets {
            let module = P.module(
                parameters: [("p", P.vector())], buffers: buffers,
                attributes: [("_non_persistent_buffers_set", set)])
            #expect(try names(module) == ["p", "b"])
        }
    }

    /// Quantised modules keep weight and bias in such an object, whose state is a pair.
    @Test func `objects of PyTorch's own code are unread tensors`() throws {
        func packed(_ key: String) -> [UInt8] {
            let object = P.object(
                P.global("torch", "ScriptObject"),
                state: P.tuple([
                    P.tuple([P.vector(), P.none]), P.text("__torch__.torch.classes.X"),
                ])
            )
            return P.module(parameters: [("p", P.vector())], attributes: [(key, object)])
        }
        for key in ["_packed_params", "shared"] {
            let checkpoint = try read(P.module(modules: [("2", packed(key))]))
            #expect(checkpoint.tensors.map(\.name) == ["2.p"])
            #expect(checkpoint.unread.map(\.name) == ["2.\(key)"])
            #expect(checkpoint.unread.first?.reason.contains("torch.ScriptObject") == true)
        }
    }

    @Test func `only simple attributes count`() throws {
        let module = P.module(
            parameters: [("w", P.vector())],
            attributes: [
                ("groups", P.int(3)), ("_private", P.int(4)), ("mean", P.vector()),
                ("mixed", P.list([P.int(1), P.none])), ("sizes", P.tuple([P.int(5), P.int(6)])),
                ("table", P.dictionary([("x", P.int(7))])), ("other", net), ("nothing", P.none),
            ])
        let checkpoint = try read(P.dictionary([("net", module)]))
        #expect(checkpoint.tensors.map(\.name) == ["w"])
        #expect(
            checkpoint.attributes == [
                "training": .bool(false), "groups": .int(3), "sizes": .ints([5, 6]),
            ])
    }

    /// PyTorch 0.1 to 0.4.0: the class called with the data, and older with nothing but state.
    @Test func `parameters of old versions are read`() throws {
        let hooks = P.orderedDictionary([])
        let flags = P.tuple([P.bool(true), P.bool(false), hooks])
        let parameter = P.global("torch.nn.parameter", "Parameter")
        let variable = P.global("torch.autograd.variable", "Variable")
        let state = P.tuple([P.vector(), P.none, hooks, P.bool(true), P.bool(false)])
        let forms = [
            P.call(parameter, [P.vector()]) + flags + [0x62],
            P.call(variable, [P.vector()]) + flags + [0x62],
            P.object(parameter, state: state),
            P.call(
                P.global("torch._utils", "_rebuild_parameter"), [P.vector(), P.bool(true), hooks]),
        ]
        for form in forms {
            #expect(try read(P.module(parameters: [("w", form)]))["w"]?.floats() == [1, 2, 3, 4])
            #expect(try read(P.dictionary([("w", form)]))["w"]?.floats() == [1, 2, 3, 4])
        }
        let malformed = TensorDefect.malformedConstructor("torch.nn.parameter.Parameter")
        for form in [
            P.call(parameter, []), P.call(parameter, [P.call(parameter, [P.vector()])]),
            P.object(parameter, state: flags),
        ] { expect(malformed, name: "w", P.module(parameters: [("w", form)])) }
    }

    @Test func `a parameter and a buffer of one name are refused`() {
        let twice = P.module(parameters: [("x", P.vector())], buffers: [("x", P.vector())])
        expect(.duplicateName, name: "x", twice)
    }

    // MARK: Limits

    @Test func `nested modules count as depth`() throws {
        var body = P.module(parameters: [("w", P.vector())])
        for _ in 0..<5 { body = P.module(modules: [("m", body)]) }
        var limits = ReadLimits.standard
        for (maximum, isEnough) in [(4, false), (5, true), (6, true)] {
            limits.nestingDepth = maximum
            let checkpoint = try? Checkpoint.read(
                TorchWriter(body).bytes, name: "t", limits: limits)
            #expect(checkpoint?.tensors.map(\.name) == (isEnough ? ["m.m.m.m.m.w"] : nil))
        }
    }

    /// Thirty modules of which each has the one before twice: 2³⁰ paths to the bottom.
    @Test func `shared modules do not multiply`() {
        var body = P.module(parameters: [("w", P.vector())]) + P.put(0)
        for index in 1...30 as ClosedRange<UInt8> {
            let twice = [("a", P.get(index - 1)), ("b", P.get(index - 1))]
            body += [0x30] + P.module(modules: twice) + P.put(index)
        }
        var limits = ReadLimits.standard
        limits.visitCount = 10_000
        #expect {
            try Checkpoint.read(TorchWriter(body).bytes, name: "t", limits: limits)
        } throws: { error in
            guard case .limitExceeded(_, _, .visitCount, _, 10_000) = error as? CheckpointError
            else { return false }
            return true
        }
    }

    /// Many objects of one state of many entries, under a wrapper's key: the search for tensors
    /// looks at the entries once, not 10⁸ times.
    @Test func `shared states are searched once`() throws {
        let count = 10_000
        let entries = (0..<count).flatMap { P.int(Int32($0)) + P.none }
        let state = P.emptyDictionary + P.mark + entries + [0x75] + P.put(0)
        let object = P.global("a", "B") + P.emptyTuple + [0x81] + P.get(0) + [0x62]
        let objects = [[UInt8]](repeating: object, count: count).flatMap { $0 }
        let list = P.emptyList + P.mark + state + objects + [0x65]
        let body = P.dictionary([("net", P.dictionary([("x", list)]))])
        var limits = ReadLimits.standard
        limits.visitCount = 50_000
        #expect(throws: CheckpointError.self) {
            try Checkpoint.read(TorchWriter(body).bytes, name: "t", limits: limits)
        }
    }
}
