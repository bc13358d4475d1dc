/// Interprets a pickle without executing anything.
///
/// References to code stay names; a call becomes an inert record of its name and arguments. All
/// of the machine's state is bounded by `ReadLimits`. Cost is linear in the pickle's length, which
/// is watched over: steps are counted and bounded by `stepsPerByte`.
struct PickleMachine: ~Copyable {
    static let highestProtocol: UInt8 = 5

    var cursor: ByteCursor
    let limits: ReadLimits
    private var stack: CountedArray<PickleValue>
    /// Stack depths at which a mark lies.
    private var marks: [Int] = []
    private var memo: [Int: PickleValue] = [:]
    private var nodes: CountedArray<PickleNode>
    private var texts = CountedArray<String>(capacity: 0)
    private var places = CountedArray<Range<Int>>(capacity: 0)
    /// The one empty tuple: nothing changes it.
    private var emptyTuple: PickleValue?
    /// Steps so far, elements moved within the arrays above aside.
    private var steps = 0
    private var opcodeCount = 0
    private var opcodeOffset = 0

    /// Interprets the pickle that begins at `cursor` and moves `cursor` behind its STOP.
    static func document(
        at cursor: inout ByteCursor, limits: ReadLimits
    ) throws(CheckpointError) -> PickleDocument {
        let start = cursor.offset
        var machine = PickleMachine(cursor: cursor, limits: limits)
        var isRunning = true
        while isRunning {
            isRunning = try machine.step()
            let byteCount = machine.cursor.offset - start
            try machine.check(.pickleByteCount, byteCount, limits.pickleByteCount)
            try machine.check(.stepCount, machine.stepCount, limits.stepCount(of: byteCount))
        }
        cursor = machine.cursor
        return PickleDocument(
            root: try machine.pop(), nodes: machine.nodes.elements,
            texts: machine.texts.elements, places: machine.places.elements, bytes: cursor.view,
            byteCount: cursor.offset - start, stepCount: machine.stepCount)
    }

    private init(cursor: ByteCursor, limits: ReadLimits) {
        self.cursor = cursor
        self.limits = limits
        nodes = CountedArray(capacity: min(cursor.remaining, limits.nodeCount))
        stack = CountedArray(capacity: min(cursor.remaining, limits.stackDepth))
    }

    private var stepCount: Int {
        steps + stack.movedCount + nodes.movedCount + texts.movedCount + places.movedCount
    }

    /// Counts `count` values that an opcode moves.
    mutating func countSteps(_ count: Int) { steps += count }

    /// Executes one opcode; false after STOP.
    private mutating func step() throws(CheckpointError) -> Bool {
        opcodeOffset = cursor.offset
        opcodeCount += 1
        steps += 1
        try check(.opcodeCount, opcodeCount, limits.opcodeCount)
        let code = try cursor.byte()
        guard let opcode = PickleOpcode(rawValue: code) else {
            throw fail(
                PickleOpcode.refused.contains(code)
                    ? .unsupportedOpcode(code) : .unknownOpcode(code))
        }
        if opcode == .stop { return false }
        if try runLiteral(opcode) { return true }
        if try runContainer(opcode) { return true }
        if try runCall(opcode) { return true }
        try runStack(opcode)
        return true
    }

    /// Protocol, stack and memo opcodes.
    private mutating func runStack(_ opcode: PickleOpcode) throws(CheckpointError) {
        switch opcode {
        case .proto:
            let version = try cursor.byte()
            guard version <= Self.highestProtocol else {
                throw fail(.unsupportedProtocol(version))
            }
        case .frame:
            // Only announces how many bytes belong together.
            try cursor.skip(8)
        case .mark:
            try check(.markDepth, marks.count + 1, limits.markDepth)
            marks.append(stack.count)
        case .pop where marks.last == stack.count: marks.removeLast()
        case .pop: _ = try pop()
        case .popMark: _ = try popToMark()
        case .dup: try push(try top())
        case .binGet: try push(try memoised(Int(try cursor.byte())))
        case .longBinGet: try push(try memoised(Int(try cursor.integer(UInt32.self))))
        case .binPut: try memoise(Int(try cursor.byte()))
        case .longBinPut: try memoise(Int(try cursor.integer(UInt32.self)))
        case .memoize: try memoise(memo.count)
        default: throw fail(.unsupportedOpcode(opcode.rawValue))
        }
    }

    private func memoised(_ index: Int) throws(CheckpointError) -> PickleValue {
        guard let value = memo[index] else { throw fail(.notInMemo(index)) }
        return value
    }

    private mutating func memoise(_ index: Int) throws(CheckpointError) {
        memo[index] = try top()
        try check(.memoCount, memo.count, limits.memoCount)
    }

    mutating func push(_ value: PickleValue) throws(CheckpointError) {
        try check(.stackDepth, stack.count + 1, limits.stackDepth)
        stack.append(value)
    }

    /// Adds `node` to the document and pushes it.
    mutating func push(_ node: PickleNode) throws(CheckpointError) {
        try check(.nodeCount, nodes.count + 1, limits.nodeCount)
        nodes.append(node)
        try push(.node(nodes.count - 1))
    }

    mutating func push(_ text: String) throws(CheckpointError) {
        texts.append(text)
        try push(.text(texts.count - 1))
    }

    mutating func push(bytesAt place: Range<Int>) throws(CheckpointError) {
        places.append(place)
        try push(.bytes(places.count - 1))
    }

    mutating func push(longTextAt place: Range<Int>) throws(CheckpointError) {
        places.append(place)
        try push(.longText(places.count - 1))
    }

    mutating func pushEmptyTuple() throws(CheckpointError) {
        if let emptyTuple { return try push(emptyTuple) }
        try push(PickleNode(kind: .tuple))
        emptyTuple = try top()
    }

    /// The text that `value` is, or nil.
    func text(_ value: PickleValue) -> String? {
        guard case .text(let index) = value else { return nil }
        return texts[index]
    }

    /// The topmost value; a mark hides what lies below it.
    func top() throws(CheckpointError) -> PickleValue {
        guard let value = stack.last, stack.count > (marks.last ?? 0) else {
            throw fail(.stackUnderflow)
        }
        return value
    }

    mutating func pop() throws(CheckpointError) -> PickleValue {
        let value = try top()
        stack.removeLast()
        return value
    }

    /// The class in a legacy file's wrapper of a class and its source text, ('module', class, file,
    /// source); nil for any other value.
    func wrappedClass(_ value: PickleValue) -> PickleValue? {
        guard case .node(let index) = value, nodes[index].kind == .tuple,
            nodes[index].items.count == 4, text(nodes[index].items[0]) == "module",
            case .node(let wrapped) = nodes[index].items[1], nodes[wrapped].kind == .global
        else { return nil }
        return .node(wrapped)
    }

    /// Takes the values above the last mark, and the mark.
    mutating func popToMark() throws(CheckpointError) -> [PickleValue] {
        guard let mark = marks.popLast() else { throw fail(.noMark) }
        let values = stack.removeAll(from: mark)
        countSteps(values.count)
        return values
    }

    /// Changes the node on top of the stack, which must be of one of `kinds`.
    mutating func changeTop(
        _ kinds: [PickleNode.Kind], _ change: (inout PickleNode) -> Void
    ) throws(CheckpointError) {
        guard case .node(let index) = try top(), kinds.contains(nodes[index].kind) else {
            throw fail(.wrongOperand)
        }
        var moved = 0
        nodes.change(index) { node in
            let places = (node.items.place, node.entries.place)
            change(&node)
            if node.items.place != places.0 { moved += node.items.count }
            if node.entries.place != places.1 { moved += node.entries.count }
        }
        countSteps(moved)
    }

    /// The name of the code that `value` refers to, or of the record that it is.
    func callableName(_ value: PickleValue) throws(CheckpointError) -> PickleNode.Name {
        guard case .node(let index) = value else { throw fail(.wrongOperand) }
        switch nodes[index].kind {
        case .global, .record: return nodes[index].name
        default: throw fail(.wrongOperand)
        }
    }

    func check(_ limit: ReadLimit, _ value: Int, _ maximum: Int) throws(CheckpointError) {
        try limit.check(value, atMost: maximum, path: cursor.path, part: "pickle")
    }

    func fail(_ defect: PickleDefect) -> CheckpointError {
        .pickle(path: cursor.path, offset: opcodeOffset, defect: defect)
    }
}
