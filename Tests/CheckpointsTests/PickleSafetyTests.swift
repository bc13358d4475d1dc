import Checkpoints
import Testing

/// Pickles that mean harm, and pickles that mean nothing.
@Suite struct PickleSafetyTests {
    typealias P = PickleWriter

    private func read(_ body: [UInt8], limits: ReadLimits = .standard) throws -> Checkpoint {
        try Checkpoint.read(TorchWriter(body).bytes, name: "t", limits: limits)
    }

    private func expect(
        _ defect: PickleDefect, at offset: Int, _ body: [UInt8],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = CheckpointError.pickle(path: "t", offset: offset, defect: defect)
        #expect(throws: error, sourceLocation: sourceLocation) { try read(body) }
    }

    /// Each would call `module.name` in Python.
    private func calls(_ module: String, _ name: String) -> [[UInt8]] {
        let function = P.global(module, name)
        let command = P.text("touch /tmp/executed")
        return [
            P.call(function, [command]),
            function + P.tuple([command]) + [0x81],
            function + P.tuple([command]) + P.emptyDictionary + [0x92],
            P.mark + function + command + [0x6f],
            P.mark + command + Array("i\(module)\n\(name)\n".utf8),
            P.text(module) + P.text(name) + [0x93] + P.tuple([command]) + [0x52],
            P.call(P.call(P.global("builtins", "getattr"), [function, P.text("x")]), [command]),
            P.object(function, state: P.dictionary([("command", command)])),
        ]
    }

    @Test func `calls stay inert`() throws {
        for form in calls("some.module", "function") {
            let checkpoint = try read(P.dictionary([("w", P.vector()), ("evil", form)]))
            #expect(checkpoint.tensors.map(\.name) == ["w"])
            #expect(try checkpoint["w"]?.floats() == [1, 2, 3, 4])
        }
    }

    /// In an archive, in a legacy file and in the state of a module, with good weights beside.
    @Test(arguments: [
        ("os", "system"), ("posix", "system"), ("nt", "system"), ("subprocess", "Popen"),
        ("os", "a_name_of_more_than_sixteen_bytes"),
        ("builtins", "eval"), ("__builtin__", "execfile"), ("builtins", "__import__"),
    ])
    func `traps are refused by name`(module: String, name: String) {
        let error = CheckpointError.forbiddenCode(path: "t", name: "\(module).\(name)")
        for form in calls(module, name) {
            #expect(throws: error) { try read(form) }
            #expect(throws: error) {
                try read(P.dictionary([("w", P.vector()), ("evil", form)]))
            }
            let net = P.module(parameters: [("w", P.vector())], attributes: [("evil", form)])
            #expect(throws: error) { try read(P.dictionary([("net", net)])) }
            let legacy = P.dictionary([("w", P.legacyVector("0")), ("evil", form)])
            #expect(throws: error) {
                try Checkpoint.read(LegacyWriter(legacy).bytes, name: "t")
            }
        }
        #expect(error.description.contains("nothing was executed"))
    }

    @Test(arguments: [
        ("os", "_Environ"), ("builtins", "set"), ("pathlib", "PosixPath"), ("oss", "system"),
        ("posixposixposixposix", "system"), ("builtins", "getattr"),
    ])
    func `harmless names are no traps`(module: String, name: String) throws {
        let body = P.dictionary([("w", P.vector()), ("x", P.call(P.global(module, name), []))])
        #expect(try read(body).tensors.map(\.name) == ["w"])
    }

    /// Values that are set or appended on an unknown class are data all the same.
    @Test func `records collect what they are given`() throws {
        let factory = P.global("builtins", "list")
        let body =
            P.call(P.global("collections", "defaultdict"), [factory])
            + P.setItems([("w", P.vector())])
        #expect(try read(body).tensors.map(\.name) == ["w"])
        let custom =
            P.call(P.global("my", "List"), []) + P.mark + P.int(1) + P.int(2) + [0x65]
        #expect(try read(P.dictionary([("x", custom)])).tensors.isEmpty)
    }

    @Test func `self references end`() throws {
        func expect(_ name: String, _ body: [UInt8]) {
            #expect(
                throws: CheckpointError.tensor(path: "t", name: name, defect: .containsItself)
            ) { try read(body) }
        }
        expect("0", P.emptyList + P.put(0) + P.get(0) + [0x61])
        let dictionary =
            P.emptyDictionary + P.put(0) + P.setItems([("me", P.get(0)), ("w", P.vector())])
        expect("me", dictionary)
        expect("a.me", P.dictionary([("a", dictionary)]))
        // Beside a state dict nothing is looked for in it.
        let wrapped =
            P.emptyDictionary + P.put(0)
            + P.setItems([("me", P.get(0)), ("net", P.dictionary([("w", P.vector())]))])
        #expect(try read(wrapped).tensors.map(\.name) == ["w"])
        let record =
            P.global("a", "B") + P.emptyTuple + [0x81] + P.put(0)
            + P.dictionary([("me", P.get(0)), ("w", P.vector())]) + [0x62]
        #expect(try read(record).tensors.map(\.name) == ["w"])
        let state = P.emptyList + P.put(0) + P.tuple([P.get(0), P.get(0)]) + [0x61]
        expect("model.0.0", P.dictionary([("model", state)]))
        // A module as its own child, and a tensor whose storage is the tensor itself.
        let module =
            P.global("a", "B") + P.emptyTuple + [0x81] + P.put(0)
            + P.moduleState(modules: [("me", P.get(0))]) + [0x62]
        expect("me", module)
        let tensor =
            P.global("torch._utils", "_rebuild_tensor_v2") + P.emptyList + P.put(0) + [0x52]
            + P.put(1) + [0x30] + P.get(0) + P.get(1) + [0x61] + P.get(1)
        #expect(throws: CheckpointError.self) { try read(P.dictionary([("w", tensor)])) }
    }

    /// One object in two places is read in both.
    @Test func `shared containers are read twice`() throws {
        let shared = P.dictionary([("w", P.vector())])
        let body = P.dictionary([("a", shared + P.put(9)), ("b", P.get(9))])
        #expect(try read(body).tensors.map(\.name) == ["a.w", "b.w"])
    }

    /// Thirty lists of which each holds the one before twice: 2³⁰ paths to the bottom.
    @Test func `shared nesting does not multiply`() {
        var body = P.list([P.text("x")]) + P.put(0)
        for index in 1...30 as ClosedRange<UInt8> {
            body += [0x30] + P.list([P.get(index - 1), P.get(index - 1)]) + P.put(index)
        }
        var limits = ReadLimits.standard
        limits.visitCount = 10_000
        #expect {
            try read(P.dictionary([("bomb", body)]), limits: limits)
        } throws: { error in
            guard case .limitExceeded(_, _, .visitCount, _, 10_000) = error as? CheckpointError
            else { return false }
            return true
        }
    }

    /// The same with nothing at the bottom, and as often as bytes allow, is looked at once.
    @Test func `empty nesting is searched once`() throws {
        var body = P.list([P.none]) + P.put(0)
        for index in 1...100 as ClosedRange<UInt8> {
            body += [0x30] + P.list([P.get(index - 1), P.get(index - 1)]) + P.put(index)
        }
        var limits = ReadLimits.standard
        // The element of the outermost list, two of each of the hundred, one of the innermost.
        limits.visitCount = 1 + 200 + 1
        let checkpoint = try read(
            P.dictionary([("bomb", P.list([body])), ("w", P.vector())]), limits: limits)
        #expect(checkpoint.tensors.map(\.name) == ["w"])
    }

    /// Nested lists need no recursion, neither to build nor to free.
    @Test func `deep nesting is refused`() {
        let depth = 200_000
        let body =
            [UInt8](repeating: 0x5d, count: depth) + [UInt8](repeating: 0x61, count: depth - 1)
        #expect {
            try read(P.dictionary([("deep", body)]))
        } throws: { error in
            guard case .limitExceeded(_, _, .nestingDepth, 129, 128) = error as? CheckpointError
            else { return false }
            return true
        }
        #expect(throws: CheckpointError.self) { try read(P.dictionary([("model", body)])) }
    }

    @Test func `claimed lengths are not believed`() {
        let tenGigabytes = little(UInt64(10_000_000_000))
        for (opcode, length): (UInt8, [UInt8]) in [
            (0x8d, tenGigabytes), (0x8e, tenGigabytes), (0x96, tenGigabytes),
            (0x8d, little(UInt64.max)), (0x58, little(UInt32.max)), (0x54, little(UInt32.max)),
            (0x42, little(UInt32.max)), (0x8b, little(UInt32.max)),
        ] {
            #expect {
                try read([opcode] + length)
            } throws: { error in
                guard case .limitExceeded(_, _, .stringByteCount, _, _) = error as? CheckpointError
                else { return false }
                return true
            }
        }
        let claim = CheckpointError.truncated(
            path: "t", part: "pickle", offset: 7, needed: 1000, available: 1)
        #expect(throws: claim) { try read([0x58] + little(UInt32(1000))) }
    }

    @Test func `damaged pickles are refused with their place`() {
        expect(.unknownOpcode(0xff), at: 2, [0xff])
        expect(.unsupportedOpcode(0x50), at: 2, [0x50])
        expect(.unsupportedOpcode(0x82), at: 2, [0x82, 1])
        expect(.unsupportedProtocol(6), at: 2, [0x80, 6])
        expect(.stackUnderflow, at: 2, [])
        expect(.stackUnderflow, at: 2, [0x30])
        expect(.stackUnderflow, at: 3, P.mark + [0x32])
        expect(.stackUnderflow, at: 4, P.none + P.mark + [0x85])
        expect(.stackUnderflow, at: 3, P.mark + [0x6f])
        expect(.noMark, at: 2, [0x74])
        expect(.noMark, at: 2, [0x31])
        expect(.notInMemo(3), at: 2, P.get(3))
        expect(.notInMemo(70_000), at: 2, [0x6a] + little(UInt32(70_000)))
        expect(.stackUnderflow, at: 2, P.put(0))
        expect(.wrongOperand, at: 4, P.none + P.emptyTuple + [0x52])
        expect(.wrongOperand, at: 4, P.emptyTuple + P.none + [0x61])
        expect(.wrongOperand, at: 4, P.none + P.none + [0x93])
        expect(.oddItemCount, at: 5, P.emptyDictionary + P.mark + P.none + [0x75])
        expect(.unendedLine, at: 2, Array("cos".utf8))
        expect(.textNotUTF8, at: 2, [0x8c, 1, 0xff])
        expect(.wrongOperand, at: 2, Array("I1x\n".utf8))
        expect(.wrongOperand, at: 2, Array("I9223372036854775808\n".utf8))
        expect(.textNotUTF8, at: 2, [0x63, 0xff, 0x0a, 0x0a])
    }

    /// POP, POP_MARK, DUP, FRAME, MEMOIZE, sets, old dictionaries and lists, protocol 4 text.
    @Test func `every data opcode is read`() throws {
        let vector = P.vector()
        let body: [UInt8] =
            [0x95] + little(UInt64(100)) + P.none + [0x30] + P.mark + [0x30] + P.mark + P.none
            + [0x31] + P.mark + [0x8c, 1, 0x77] + vector + [0x94, 0x64] + P.text("old") + P.mark
            + P.int(5) + [0x6c, 0x73] + P.text("set") + [0x8f] + P.mark + P.int(1) + [0x90, 0x73]
            + P.text("frozen") + P.mark + P.int(1) + [0x91, 0x73] + P.text("twice") + [0x32, 0x73]
            + P.text("one") + P.int(1) + [0x85, 0x73]
        let checkpoint = try read(body)
        #expect(checkpoint.tensors.map(\.name) == ["w"])
        #expect(
            checkpoint.attributes == [
                "old": .ints([5]), "twice": .string("twice"), "one": .ints([1]),
            ])
    }
}
