import Checkpoints
import Testing

/// Steps of reading, which are counted: opcodes, values moved or looked at, bytes of text. Three
/// times the records may take four times the steps.
@Suite struct PickleLinearityTests {
    typealias P = PickleWriter

    /// A record of opcodes that leaves a value on the stack, or changes the one below it.
    struct Record: CustomTestStringConvertible, Sendable {
        let opcodes: [UInt8]
        /// In front of all records, in place of the beginning of a list.
        var before: [UInt8] = P.emptyList + P.mark
        /// Behind all records.
        var after: [UInt8] = [0x65]

        init(_ opcodes: [UInt8]) { self.opcodes = opcodes }

        /// Records that change the value of `target`.
        init(_ opcodes: [UInt8], on target: [UInt8]) {
            self.opcodes = opcodes
            before = target
            after = []
        }

        var testDescription: String {
            (before + opcodes).map { String($0, radix: 16) }.joined(separator: " ")
        }

        func file(count: Int) -> [UInt8] {
            let records = [[UInt8]](repeating: opcodes, count: count).flatMap { $0 }
            return TorchWriter(before + records + after).bytes
        }
    }

    private static let code = P.global("m", "f")
    private static let object = code + P.emptyTuple + [0x81]

    static let records: [Record] = [
        // Scalars and strings.
        .init(P.none), .init([0x88]), .init([0x89]), .init(Array("I7\n".utf8)), .init(P.int(7)),
        .init([0x4b, 7]), .init([0x4d, 7, 0]), .init(P.long(7)), .init([0x8b, 1, 0, 0, 0, 7]),
        .init(P.double(7)), .init([0x54, 1, 0, 0, 0, 0x61]), .init([0x55, 1, 0x61]),
        .init(P.text("a")), .init([0x8c, 1, 0x61]), .init([0x8d, 1, 0, 0, 0, 0, 0, 0, 0, 0x61]),
        .init([0x42, 1, 0, 0, 0, 0x61]), .init([0x43, 1, 0x61]),
        .init([0x8e, 1, 0, 0, 0, 0, 0, 0, 0, 0x61]), .init([0x96, 1, 0, 0, 0, 0, 0, 0, 0, 0x61]),
        // Stack, memo, frames.
        .init(P.mark + [0x31]), .init(P.mark + [0x30]), .init(P.none + [0x30]),
        .init([0x32], on: P.none), .init([0x80, 2]), .init([0x95] + little(UInt64(9))),
        .init(P.none + P.put(1)), .init(P.none + [0x94]), .init(P.none + [0x72, 1, 0, 0, 0]),
        .init(P.get(1), on: P.none + P.put(1)), .init([0x6a, 1, 0, 0, 0], on: P.none + P.put(1)),
        // Containers, many small ones and one large one.
        .init(P.emptyTuple), .init(P.mark + P.none + [0x74]), .init(P.none + [0x85]),
        .init(P.none + P.none + [0x86]), .init(P.none + P.none + P.none + [0x87]),
        .init(P.emptyList), .init(P.mark + P.none + [0x6c]), .init(P.emptyList + P.none + [0x61]),
        .init(P.emptyList + P.mark + P.none + [0x65]), .init(P.none + [0x61], on: P.emptyList),
        .init(P.mark + P.none + [0x65], on: P.emptyList), .init(P.emptyList, on: P.none),
        .init(P.emptyDictionary), .init(P.mark + P.none + P.none + [0x64]),
        .init(P.emptyDictionary + P.none + P.none + [0x73]),
        .init(P.none + P.none + [0x73], on: P.emptyDictionary),
        .init(P.mark + P.none + P.none + [0x75], on: P.emptyDictionary),
        .init(P.int(1) + P.none + [0x73], on: P.emptyDictionary),
        .init([0x8f]), .init([0x8f] + P.mark + P.none + [0x90]),
        .init(P.mark + P.none + [0x90], on: [0x8f]), .init(P.mark + P.none + [0x91]),
        // Code, calls, objects.
        .init(code), .init(P.text("m") + P.text("f") + [0x93]),
        .init(P.mark + Array("im\nf\n".utf8)), .init(P.mark + code + [0x6f]),
        .init(code + P.emptyTuple + [0x52]), .init(object),
        .init(P.emptyTuple + [0x52], on: code), .init(P.emptyTuple + [0x81], on: code),
        .init(code + P.emptyTuple + P.emptyDictionary + [0x92]),
        .init(object + P.emptyDictionary + [0x62]), .init(P.emptyDictionary + [0x62], on: object),
        .init(object + P.none + [0x61]), .init(P.none + [0x61], on: object),
        .init(P.none + P.none + [0x73], on: object), .init(P.none + [0x51]),
        // Objects of PyTorch and NumPy.
        .init(P.vector()), .init(P.orderedDictionary([("w", P.vector())])),
        .init(P.module(parameters: [("w", P.vector())])),
        .init(P.call(P.global("torch._utils", "_rebuild_qtensor"), [])),
    ]

    /// Whether `file` is read, or refused for another reason, within that many steps.
    private func isRead(_ file: [UInt8], within steps: Int) -> Bool {
        var limits = ReadLimits.standard
        limits.stepsPerByte = 0
        limits.stepCount = steps
        do throws(CheckpointError) {
            _ = try Checkpoint.read(file, name: "t", limits: limits)
        } catch {
            if case .limitExceeded(_, _, .stepCount, _, _) = error { return false }
        }
        return true
    }

    /// The steps that `file` takes, by bisection.
    private func steps(_ file: [UInt8]) -> Int {
        var (low, high) = (0, 1)
        while !isRead(file, within: high) { (low, high) = (high, 2 * high) }
        while high - low > 1 {
            let middle = (low + high) / 2
            if isRead(file, within: middle) { high = middle } else { low = middle }
        }
        return high
    }

    @Test(arguments: records)
    func `steps grow as records do`(record: Record) {
        let count = 40
        let few = steps(record.file(count: count))
        let many = steps(record.file(count: 3 * count))
        #expect(few > count)
        #expect(many <= 4 * few, "\(many) after \(few)")
    }

    /// The opcodes that are read, but for STOP, which ends the pickle.
    @Test func `every opcode is in a record`() {
        let refused: Set<UInt8> = [
            0x50, 0x53, 0x56, 0x4c, 0x46, 0x67, 0x70, 0x82, 0x83, 0x84, 0x97, 0x98,
        ]
        var missing: [UInt8] = []
        for code in UInt8.min...UInt8.max where code != 0x2e && !refused.contains(code) {
            guard isOpcode(code) else { continue }
            let isUsed = Self.records.contains {
                ($0.before + $0.opcodes + $0.after).contains(code)
            }
            if !isUsed { missing.append(code) }
        }
        #expect(missing.isEmpty)
    }

    private func isOpcode(_ code: UInt8) -> Bool {
        do throws(CheckpointError) {
            _ = try Checkpoint.read(TorchWriter(P.none + P.none + [code]).bytes, name: "t")
        } catch {
            if case .pickle(_, _, .unknownOpcode(code)) = error { return false }
        }
        return true
    }

    // MARK: What is shared is looked at once

    /// Objects inside of which each refers to the outermost, whose state is large.
    @Test func `cycles to a large state take few steps`() {
        func file(_ count: Int) -> [UInt8] {
            let entries = (0..<count).flatMap { P.int(Int32($0)) + P.none }
            let cycles = [[UInt8]](repeating: P.get(0), count: count).flatMap { $0 }
            let state =
                P.emptyDictionary + P.mark + entries + P.text("x") + P.emptyList + P.mark + cycles
                + [0x65, 0x75]
            return TorchWriter(Self.object + P.put(0) + state + [0x62]).bytes
        }
        let few = steps(file(40))
        #expect(steps(file(120)) <= 4 * few)
    }

    /// Children of a module that share a state which is none of a module.
    @Test func `members that share a large state take few steps`() {
        func file(_ count: Int) -> [UInt8] {
            let state =
                P.emptyDictionary + P.mark
                + (0..<count).flatMap { P.int(Int32($0)) + P.none } + [0x75] + P.put(0) + [0x30]
            let child = Self.object + P.get(0) + [0x62]
            return TorchWriter(
                state + P.module(modules: (0..<count).map { ("m\($0)", child) })
            ).bytes
        }
        let few = steps(file(40))
        #expect(steps(file(120)) <= 4 * few)
    }

    @Test func `names of kilobytes are not repeated in reasons`() throws {
        let name = String(repeating: "n", count: 4000)
        let constructor = P.global("torch.\(name)", "_rebuild_\(name)") + P.put(0) + [0x30]
        let tensor = P.get(0) + P.emptyTuple + [0x52]
        let body = constructor + P.dictionary((0..<10).map { ("\($0)", tensor) })
        let checkpoint = try Checkpoint.read(TorchWriter(body).bytes, name: "t")
        #expect(checkpoint.unread.count == 10)
        #expect(checkpoint.unread.allSatisfy { $0.reason.utf8.count < 200 })
    }

    // MARK: Limits

    /// Two entries that are one list of many texts: the second look is paid by no byte.
    private var shared: (file: [UInt8], visits: Int, byteCount: Int) {
        let texts = P.list([[UInt8]](repeating: P.none, count: 99) + [P.text("x")])
        let body = P.dictionary([
            ("a", texts + P.put(0)), ("b", P.get(0)), ("c", P.get(0)), ("d", P.get(0)),
        ])
        return (TorchWriter(body).bytes, 400, body.count + 3)
    }

    private func isRead(_ file: [UInt8], _ limits: ReadLimits) -> Bool {
        (try? Checkpoint.read(file, name: "t", limits: limits)) != nil
    }

    @Test func `shared visits`() throws {
        let (file, visits, byteCount) = shared
        #expect(byteCount < visits)
        for (extra, isEnough) in [(-1, false), (0, true), (1, true)] {
            var limits = ReadLimits.standard
            limits.sharedVisitCount = visits - byteCount + extra
            #expect(isRead(file, limits) == isEnough)
            limits.visitsPerByte = 0
            limits.sharedVisitCount = visits + extra
            #expect(isRead(file, limits) == isEnough)
        }
    }

    @Test func `steps`() throws {
        let (file, _, byteCount) = shared
        let needed = steps(file)
        for (extra, isEnough) in [(-1, false), (0, true), (1, true)] {
            var limits = ReadLimits.standard
            limits.stepsPerByte = 0
            limits.stepCount = needed + extra
            #expect(isRead(file, limits) == isEnough)
            limits.stepsPerByte = 1
            limits.stepCount = needed - byteCount + extra
            #expect(isRead(file, limits) == isEnough)
        }
    }
}
