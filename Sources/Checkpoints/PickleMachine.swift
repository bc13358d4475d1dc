/// Reads a pickle (protocols 2 to 5) into inert values. It knows every instruction that carries
/// data; the three that could run code make records, and anything else is refused.
struct PickleMachine {
    private var input: PickleInput
    private let limits: ReadLimits
    var stack: [PickleValue] = []
    /// Stack heights at which marks were set.
    private var marks: [Int] = []
    private var memo: [Int: PickleValue] = [:]
    private var nodes: [PickleNode] = []

    private static let newestProtocol: UInt8 = 5

    /// Reads a whole pickle; errors carry the offset of the instruction.
    static func run(
        _ bytes: [UInt8], path: String, limits: ReadLimits
    ) throws(CheckpointError) -> PickleResult {
        var machine = PickleMachine(bytes, limits)
        do {
            return try machine.run()
        } catch {
            throw .pickle(file: path, offset: machine.input.offset, error)
        }
    }

    private init(_ bytes: [UInt8], _ limits: ReadLimits) {
        input = PickleInput(bytes, textLimit: limits.textBytes)
        self.limits = limits
    }

    private mutating func run() throws(PickleFault) -> PickleResult {
        for _ in 0..<limits.instructions {
            let opcode = try input.byte()
            if opcode == PickleOpcode.stop {
                return PickleResult(root: try pop(), nodes: nodes)
            }
            try step(opcode)
            guard stack.count <= limits.stackDepth, marks.count <= limits.stackDepth else {
                throw .limit("values on the stack", limits.stackDepth)
            }
        }
        throw .limit("instructions", limits.instructions)
    }

    private mutating func step(_ opcode: UInt8) throws(PickleFault) {
        if let value = try constant(opcode) {
            stack.append(value)
        } else if try !arrange(opcode), try !collect(opcode), try !construct(opcode) {
            throw .opcode(opcode)
        }
    }

    // MARK: Constants

    private mutating func constant(_ opcode: UInt8) throws(PickleFault) -> PickleValue? {
        switch opcode {
        case PickleOpcode.none: .null
        case PickleOpcode.newTrue: .bool(true)
        case PickleOpcode.newFalse: .bool(false)
        case PickleOpcode.int1: .integer(Int64(try input.byte()))
        case PickleOpcode.int2: .integer(Int64(try input.number(2)))
        case PickleOpcode.int4:
            .integer(Int64(Int32(truncatingIfNeeded: try input.number(4))))
        case PickleOpcode.long1: try long(Int(try input.byte()))
        case PickleOpcode.long4: try long(try input.length(4))
        case PickleOpcode.float: .double(try bigEndianDouble())
        case PickleOpcode.shortString: try legacyText(Int(try input.byte()))
        case PickleOpcode.string: try legacyText(try input.length(4))
        case PickleOpcode.shortUnicode: .string(try input.text(Int(try input.byte())))
        case PickleOpcode.unicode: .string(try input.text(try input.length(4)))
        case PickleOpcode.unicode8: .string(try input.text(try input.length(8)))
        case PickleOpcode.shortBytes: try skipBytes(Int(try input.byte()))
        case PickleOpcode.bytes: try skipBytes(try input.length(4))
        case PickleOpcode.bytes8, PickleOpcode.byteArray8: try skipBytes(try input.length(8))
        case PickleOpcode.emptyTuple: .tuple([])
        case PickleOpcode.emptyList, PickleOpcode.emptySet: node(.list)
        case PickleOpcode.emptyDictionary: node(.dictionary)
        case PickleOpcode.global: .global(try globalLines())
        default: nil
        }
    }

    /// A two's complement integer of any length, little-endian.
    private mutating func long(_ count: Int) throws(PickleFault) -> PickleValue {
        let bytes = try input.take(count)
        guard count <= 8 else { return .opaque }
        let isNegative = (bytes.last ?? 0) & 0x80 != 0
        let start: UInt64 = isNegative ? .max : 0
        return .integer(Int64(bitPattern: bytes.reversed().reduce(start) { $0 << 8 | UInt64($1) }))
    }

    private mutating func bigEndianDouble() throws(PickleFault) -> Double {
        Double(bitPattern: try input.take(8).reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// A Python 2 string: text where it is one.
    private mutating func legacyText(_ count: Int) throws(PickleFault) -> PickleValue {
        String(validating: try input.take(count), as: UTF8.self).map { .string($0) } ?? .opaque
    }

    private mutating func skipBytes(_ count: Int) throws(PickleFault) -> PickleValue {
        _ = try input.take(count)
        return .opaque
    }

    private mutating func globalLines() throws(PickleFault) -> PickleGlobal {
        let module = try input.line()
        return PickleGlobal(module: module, name: try input.line())
    }

    private mutating func node(_ kind: PickleNode.Kind) -> PickleValue {
        nodes.append(PickleNode(kind: kind))
        return .node(nodes.count - 1)
    }

    // MARK: The stack and the memo

    private mutating func arrange(_ opcode: UInt8) throws(PickleFault) -> Bool {
        switch opcode {
        case PickleOpcode.protocolVersion:
            let version = try input.byte()
            guard version <= Self.newestProtocol else { throw .protocolVersion(version) }
        case PickleOpcode.frame: _ = try input.number(8)
        case PickleOpcode.mark: marks.append(stack.count)
        case PickleOpcode.pop:
            if let mark = marks.last, mark == stack.count {
                marks.removeLast()
            } else {
                _ = try pop()
            }
        case PickleOpcode.popMark: _ = try popToMark()
        case PickleOpcode.duplicate: stack.append(try top())
        case PickleOpcode.get1: stack.append(try recall(Int(try input.byte())))
        case PickleOpcode.get4: stack.append(try recall(Int(try input.number(4))))
        case PickleOpcode.put1: try store(at: Int(try input.byte()))
        case PickleOpcode.put4: try store(at: Int(try input.number(4)))
        case PickleOpcode.memoize: try store(at: memo.count)
        default: return false
        }
        return true
    }

    private func recall(_ index: Int) throws(PickleFault) -> PickleValue {
        guard let value = memo[index] else { throw .unknownMemo(index) }
        return value
    }

    private mutating func store(at index: Int) throws(PickleFault) {
        memo[index] = try top()
        guard memo.count <= limits.memos else { throw .limit("memos", limits.memos) }
    }

    private func top() throws(PickleFault) -> PickleValue {
        guard let value = stack.last, stack.count > (marks.last ?? 0) else {
            throw .stackUnderflow
        }
        return value
    }

    private mutating func pop() throws(PickleFault) -> PickleValue {
        let value = try top()
        stack.removeLast()
        return value
    }

    private mutating func popToMark() throws(PickleFault) -> [PickleValue] {
        guard let mark = marks.popLast() else { throw .noMark }
        guard mark <= stack.count else { throw .stackUnderflow }
        let values = Array(stack[mark...])
        stack.removeSubrange(mark...)
        return values
    }

    // MARK: Collections

    private mutating func collect(_ opcode: UInt8) throws(PickleFault) -> Bool {
        switch opcode {
        case PickleOpcode.tuple: stack.append(.tuple(try popToMark()))
        case PickleOpcode.tuple1: try tuple(1)
        case PickleOpcode.tuple2: try tuple(2)
        case PickleOpcode.tuple3: try tuple(3)
        case PickleOpcode.frozenSet, PickleOpcode.list:
            let items = try popToMark()
            stack.append(node(.list))
            try append(items)
        case PickleOpcode.dictionary:
            let items = try popToMark()
            stack.append(node(.dictionary))
            try set(items)
        case PickleOpcode.append: try append([try pop()])
        case PickleOpcode.appends, PickleOpcode.addItems: try append(try popToMark())
        case PickleOpcode.setItem:
            let value = try pop()
            try set([try pop(), value])
        case PickleOpcode.setItems: try set(try popToMark())
        default: return false
        }
        return true
    }

    private mutating func tuple(_ count: Int) throws(PickleFault) {
        var items: [PickleValue] = []
        for _ in 0..<count { items.append(try pop()) }
        stack.append(.tuple(items.reversed()))
    }

    private mutating func append(_ items: [PickleValue]) throws(PickleFault) {
        guard case .node(let index) = try top() else { throw .operand("items for no list") }
        nodes[index].items.append(contentsOf: items)
    }

    private mutating func set(_ items: [PickleValue]) throws(PickleFault) {
        guard case .node(let index) = try top(), items.count % 2 == 0 else {
            throw .operand("entries for no dictionary")
        }
        for at in stride(from: 0, to: items.count, by: 2) {
            nodes[index].entries.append((items[at], items[at + 1]))
        }
    }

    // MARK: What would be calls

    private mutating func construct(_ opcode: UInt8) throws(PickleFault) -> Bool {
        switch opcode {
        case PickleOpcode.stackGlobal:
            guard case .string(let name) = try pop(), case .string(let module) = try pop() else {
                throw .operand("a global whose name is no text")
            }
            stack.append(.global(PickleGlobal(module: module, name: name)))
        case PickleOpcode.reduce, PickleOpcode.newObject:
            let arguments = try pop()
            try call(try pop(), arguments)
        case PickleOpcode.newObjectWithKeywords:
            _ = try pop()
            let arguments = try pop()
            try call(try pop(), arguments)
        case PickleOpcode.build:
            let state = try pop()
            if case .node(let index) = try top() { nodes[index].state = state }
        case PickleOpcode.persistentID:
            stack.append(.storage(try PickleGlobals.storage(try pop())))
        default: return false
        }
        return true
    }

    private mutating func call(
        _ callee: PickleValue, _ arguments: PickleValue
    ) throws(PickleFault) {
        guard case .tuple(let items) = arguments else {
            throw .operand("arguments that are no tuple")
        }
        guard case .global(let global) = callee else {
            // An object that is called: a record of nothing known.
            stack.append(node(.record(PickleGlobal(module: "", name: "a value"))))
            return
        }
        if global == PickleGlobals.orderedDictionary {
            stack.append(node(.dictionary))
        } else if let value = try PickleGlobals.value(global, items) {
            stack.append(value)
        } else {
            stack.append(node(.record(global)))
        }
    }
}
