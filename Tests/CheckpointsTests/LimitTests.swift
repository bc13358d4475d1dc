import Checkpoints
import Testing

/// Each limit at one below, at, and one above what a file needs.
@Suite struct LimitTests {
    typealias P = PickleWriter

    /// Reads `file` with the limit at `needed` and one to each side of it; below, the error must
    /// tell limit, value and maximum.
    func expect(
        _ limit: ReadLimit, _ path: WritableKeyPath<ReadLimits, Int>, needs needed: Int,
        _ file: [UInt8], sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        for maximum in [needed, needed + 1] {
            var limits = ReadLimits.standard
            limits[keyPath: path] = maximum
            #expect(throws: Never.self, sourceLocation: sourceLocation) {
                try Checkpoint.read(file, name: "l", limits: limits)
            }
        }
        var limits = ReadLimits.standard
        limits[keyPath: path] = needed - 1
        #expect(sourceLocation: sourceLocation) {
            try Checkpoint.read(file, name: "l", limits: limits)
        } throws: { error in
            guard
                case .limitExceeded("l", _, let found, let value, let maximum) = error
                    as? CheckpointError
            else { return false }
            return found == limit && value == needed && maximum == needed - 1
        }
    }

    private func torch(_ body: [UInt8]) -> [UInt8] { TorchWriter(body).bytes }

    private func member(_ name: String, deflated: Bool = false) -> ZipWriter.Member {
        let vector = ArrayWriter(shape: "(3,)", data: floatBytes([1, 2, 3])).bytes
        var member = ZipWriter.Member(name + ".npy", vector)
        member.method = deflated ? 8 : 0
        return member
    }

    // The array above is 128 bytes of header and 12 of data.
    private let arrayByteCount = 140

    @Test func `archive members`() throws {
        let file = ZipWriter([member("a"), member("b"), member("c")]).bytes
        try expect(.memberCount, \.memberCount, needs: 3, file)
        try expect(.tensorCount, \.tensorCount, needs: 3, file)
        for deflated in [false, true] {
            let file = ZipWriter([member("a", deflated: deflated)]).bytes
            try expect(.memberByteCount, \.memberByteCount, needs: arrayByteCount, file)
        }
    }

    @Test func `inflated bytes`() throws {
        let two = ["a", "b"].map { member($0, deflated: true) }
        let file = ZipWriter(two + [member("c")]).bytes
        try expect(.inflatedByteCount, \.inflatedByteCount, needs: 2 * arrayByteCount, file)
    }

    /// A deflated run: fixed Huffman codes (RFC 1951, 3.2.6) of one literal 'a' and `repeats`
    /// copies of length 258 at distance 1.
    private func deflatedRun(repeats: Int) -> [UInt8] {
        var bits: [UInt8] = [1, 1, 0]
        func code(_ value: Int, _ length: Int) -> [UInt8] {
            (0..<length).reversed().map { UInt8(value >> $0 & 1) }
        }
        bits += code(0x30 + 0x61, 8)
        for _ in 0..<repeats { bits += code(0b1100_0101, 8) + code(0, 5) }
        bits += code(0, 7)
        while bits.count % 8 != 0 { bits.append(0) }
        return stride(from: 0, to: bits.count, by: 8).map { start in
            (0..<8).reduce(0) { $0 | bits[start + $1] << UInt8($1) }
        }
    }

    /// 259 bytes from 4 make a ratio of 64 and three quarters, which counts as 65.
    @Test func `inflation ratio`() throws {
        var run = ZipWriter.Member("run", [UInt8](repeating: 0x61, count: 259))
        run.method = 8
        run.packed = deflatedRun(repeats: 1)
        #expect(run.packedBytes.count == 4)
        try expect(
            .inflationRatio, \.inflationRatio, needs: 65, ZipWriter([member("a"), run]).bytes)
    }

    /// A size that is too large is refused before it is allocated: here a terabyte from 140 bytes.
    @Test func `a bomb is refused by its declared size`() {
        var bomb = member("a", deflated: true)
        bomb.isZip64 = true
        bomb.declaredByteCount = 1 << 40
        #expect {
            try Checkpoint.read(ZipWriter([bomb]).bytes, name: "l")
        } throws: { error in
            guard case .limitExceeded(_, _, .memberByteCount, _, _) = error as? CheckpointError
            else { return false }
            return true
        }
        bomb.declaredByteCount = 1 << 24
        #expect {
            try Checkpoint.read(ZipWriter([bomb]).bytes, name: "l")
        } throws: { error in
            guard case .limitExceeded(_, _, .inflationRatio, _, 1032) = error as? CheckpointError
            else { return false }
            return true
        }
    }

    @Test func `array headers`() throws {
        // 64-byte alignment: 10 bytes of preamble and 118 of header.
        try expect(
            .arrayHeaderByteCount, \.arrayHeaderByteCount, needs: 118,
            ArrayWriter(shape: "(1,)", data: floatBytes([1])).bytes)
        try expect(
            .dimensionCount, \.dimensionCount, needs: 5,
            ArrayWriter(shape: "(1, 1, 1, 1, 1)", data: floatBytes([1])).bytes)
    }

    @Test func `dimensions of Torch tensors`() throws {
        let storage = P.storage("0", count: 4)
        let sizes = [Int32](repeating: 1, count: 6)
        try expect(
            .dimensionCount, \.dimensionCount, needs: 6,
            torch(P.tensor(storage, sizes: sizes, strides: sizes)))
    }

    @Test func `expanded tensors`() throws {
        let storage = P.storage("0", count: 4)
        try expect(
            .expandedElementCount, \.expandedElementCount, needs: 30,
            torch(P.tensor(storage, sizes: [5, 6], strides: [0, 0])))
        // A tensor of no more elements than its storage is no bomb.
        var limits = ReadLimits.standard
        limits.expandedElementCount = 0
        let file = torch(P.tensor(storage, sizes: [2, 2], strides: [0, 1]))
        #expect(try Checkpoint.read(file, name: "l", limits: limits)[""]?.floats() == [1, 2, 1, 2])
    }

    @Test func `tensors and attributes`() throws {
        let file = torch(
            P.dictionary([
                ("a", P.vector()), ("b", P.vector()), ("x", P.int(1)), ("y", P.int(1)),
                ("z", P.int(1)),
            ]))
        try expect(.tensorCount, \.tensorCount, needs: 2, file)
        try expect(.attributeCount, \.attributeCount, needs: 3, file)
    }

    @Test func `names`() throws {
        // Longer than the names of classes in the file, so that these do not count.
        let key = String(repeating: "k", count: 40)
        let nested = P.dictionary([(key, P.dictionary([(key, P.vector())]))])
        try expect(.nameByteCount, \.nameByteCount, needs: 81, torch(nested))
        try expect(
            .nameByteCount, \.nameByteCount, needs: 40, torch(P.dictionary([(key, P.none)])))
        try expect(
            .nameByteCount, \.nameByteCount, needs: 40, torch(P.global(key, "name")))
        let stackGlobal = P.text("module") + P.text(key) + [0x93]
        try expect(.nameByteCount, \.nameByteCount, needs: 40, torch(stackGlobal))
        try expect(
            .nameByteCount, \.nameByteCount, needs: 40, ZipWriter([member(key)]).bytes)
    }

    @Test func `storage keys`() throws {
        let key = String(repeating: "k", count: 40)
        var writer = TorchWriter(P.vector(key, count: 1))
        writer.storages = [key: floatBytes([1])]
        try expect(.storageKeyByteCount, \.storageKeyByteCount, needs: 40, writer.bytes)
        let legacy = LegacyWriter(P.legacyVector(key), keys: [key]).bytes
        try expect(.storageKeyByteCount, \.storageKeyByteCount, needs: 40, legacy)
    }

    @Test func `pickles`() throws {
        let body = P.list([P.int(1), P.int(2), P.int(3)])
        let file = torch(body)
        // PROTO and its operand and STOP make three bytes and two opcodes more.
        try expect(.pickleByteCount, \.pickleByteCount, needs: body.count + 3, file)
        let legacy = LegacyWriter(P.list([P.legacyVector("0")] + (1...50).map(P.int)))
        try expect(
            .pickleByteCount, \.pickleByteCount, needs: legacy.object.count + 3, legacy.bytes)
        try expect(.opcodeCount, \.opcodeCount, needs: 8, file)
        // The list and its three elements.
        try expect(.stackDepth, \.stackDepth, needs: 4, file)
        try expect(.markDepth, \.markDepth, needs: 1, file)
        let marks = P.mark + P.mark + P.mark + P.none + [0x31, 0x31, 0x31] + P.none
        try expect(.markDepth, \.markDepth, needs: 3, torch(marks))
        let memo = P.none + P.put(0) + P.put(9) + P.put(9) + [0x94]
        try expect(.memoCount, \.memoCount, needs: 3, torch(memo))
        let nodes = P.list([P.emptyTuple, P.emptyDictionary, P.global("a", "b")])
        try expect(.nodeCount, \.nodeCount, needs: 4, torch(nodes))
    }

    /// The version and the byte order, read as words.
    @Test func `words`() throws {
        for deflated in [false, true] {
            for name in ["version", "byteorder"] {
                let word = name == "version" ? "3\n" : "big\n"
                let padding = String(repeating: " ", count: 64 - word.utf8.count)
                var members = [
                    ZipWriter.Member("a/data.pkl", P.file(P.none)),
                    .init("a/\(name)", Array((word + padding).utf8)),
                ]
                members[1].method = deflated ? 8 : 0
                if name != "version" { members.append(.init("a/version", [0x33])) }
                try expect(.wordByteCount, \.wordByteCount, needs: 64, ZipWriter(members).bytes)
            }
        }
        #expect(ReadLimits.standard.wordByteCount == 64)
    }

    /// A word of many megabytes is refused by its declared size, and one that declares less ends
    /// where it says.
    @Test func `words that are bombs`() {
        var bomb = ZipWriter.Member("a/version", [UInt8](repeating: 0x61, count: 258_001))
        bomb.method = 8
        bomb.packed = deflatedRun(repeats: 1000)
        let members = [ZipWriter.Member("a/data.pkl", P.file(P.none)), bomb]
        #expect {
            try Checkpoint.read(ZipWriter(members).bytes, name: "l")
        } throws: { error in
            guard
                case .limitExceeded(_, "member a/version", .wordByteCount, 258_001, 64) = error
                    as? CheckpointError
            else { return false }
            return true
        }
        bomb.declaredByteCount = 2
        let defect = ArchiveDefect.inflatedSizeMismatch(declared: 2, found: 3)
        #expect(throws: CheckpointError.archive(path: "l", member: "a/version", defect: defect)) {
            try Checkpoint.read(ZipWriter([members[0], bomb]).bytes, name: "l")
        }
    }

    @Test func `deflated pickles`() throws {
        let body = P.file(P.list([P.int(1), P.int(2), P.int(3)]))
        var members = [ZipWriter.Member("a/data.pkl", body), .init("a/version", [0x33])]
        members[0].method = 8
        let file = ZipWriter(members).bytes
        try expect(.pickleByteCount, \.inflatedPickleByteCount, needs: body.count, file)
        try expect(.pickleByteCount, \.pickleByteCount, needs: body.count, file)
    }

    @Test func `folders of archives`() throws {
        let folder = String(repeating: "f", count: 30)
        let members = [
            ZipWriter.Member("\(folder)/data.pkl", P.file(P.none)),
            .init("\(folder)/version", [0x33]),
        ]
        try expect(.nameByteCount, \.nameByteCount, needs: 39, ZipWriter(members).bytes)
    }

    @Test func `strings`() throws {
        let text = [UInt8](repeating: 0x61, count: 20)
        for opcode: [UInt8] in [[0x8c, 20], [0x43, 20], [0x58, 20, 0, 0, 0], [0x8a, 20]] {
            try expect(.stringByteCount, \.stringByteCount, needs: 20, torch(opcode + text))
        }
    }

    @Test func `nesting`() throws {
        // Dictionary, then three lists; the innermost value is no container.
        let lists = P.list([P.list([P.list([P.text("x")])])])
        try expect(
            .nestingDepth, \.nestingDepth, needs: 3, torch(P.dictionary([("a", lists)])))
    }

    @Test func `visits`() throws {
        // The list's three elements and the dictionary's two entries, that of the root aside.
        let values = P.dictionary([("b", P.list([P.int(1), P.int(2), P.int(3)])), ("c", P.none)])
        try expect(.visitCount, \.visitCount, needs: 5, torch(P.dictionary([("a", values)])))
        // The name a.b is made; under a.c is nothing.
        try expect(
            .allNamesByteCount, \.allNamesByteCount, needs: 3,
            torch(P.dictionary([("a", values)])))
    }

    @Test func `standard limits are those documented`() {
        #expect(ReadLimits.standard.inflationRatio == 1032)
        #expect(ReadLimits.standard.dimensionCount == 64)
    }
}
