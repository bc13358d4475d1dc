extension PickleMachine {
    /// Turns references to code and calls into inert records; false when `opcode` is neither.
    mutating func runCall(_ opcode: PickleOpcode) throws(CheckpointError) -> Bool {
        switch opcode {
        case .global: try push(PickleNode(kind: .global, name: try globalName()))
        case .stackGlobal:
            guard let name = text(try pop()), let module = text(try pop()) else {
                throw fail(.wrongOperand)
            }
            try check(.nameByteCount, module.utf8.count, limits.nameByteCount)
            try check(.nameByteCount, name.utf8.count, limits.nameByteCount)
            try push(PickleNode(kind: .global, name: .init(module: module, name: name)))
        case .inst:
            let name = try globalName()
            try push(PickleNode(kind: .tuple, items: try popToMark()))
            try pushRecord(name: name, arguments: try pop())
        case .obj:
            let items = try popToMark()
            guard let callable = items.first else { throw fail(.stackUnderflow) }
            let name = try callableName(callable)
            try push(PickleNode(kind: .tuple, items: Array(items.dropFirst())))
            try pushRecord(name: name, arguments: try pop())
        case .reduce, .newObj: try call()
        case .newObjEx:
            _ = try pop()  // Keyword arguments: no constructor that is understood takes any.
            try call()
        case .build:
            let state = try pop()
            try changeTop([.record, .dictionary, .list, .set]) { $0.state = state }
        case .binPersId: try pushExternal(try pop())
        default: return false
        }
        return true
    }

    /// Replaces a callable and its arguments, which lie on top, by the record of the call.
    private mutating func call() throws(CheckpointError) {
        let arguments = try pop()
        let callable = try pop()
        let name = try callableName(callable)
        try pushRecord(name: name, arguments: arguments)
    }

    private mutating func pushRecord(
        name: PickleNode.Name, arguments: PickleValue
    ) throws(CheckpointError) {
        try push(PickleNode(kind: .record, name: name, arguments: arguments))
    }

    /// An object outside the pickle. Legacy files of whole modules wrap a class in one that also
    /// has its source text: that one is the class.
    private mutating func pushExternal(_ identification: PickleValue) throws(CheckpointError) {
        if let type = wrappedClass(identification) { return try push(type) }
        try push(PickleNode(kind: .persistent, name: .none, arguments: identification))
    }

    /// The two lines of GLOBAL or INST.
    private mutating func globalName() throws(CheckpointError) -> PickleNode.Name {
        let module = try lineText()
        return PickleNode.Name(module: module, name: try lineText())
    }

    /// A line, which may be as long as a name.
    mutating func lineText() throws(CheckpointError) -> String {
        guard let line = try cursor.line(atMost: limits.nameByteCount) else {
            let searched = min(cursor.remaining - 1, limits.nameByteCount) + 1
            try check(.nameByteCount, searched, limits.nameByteCount)
            throw fail(.unendedLine)
        }
        countSteps(of: line)
        guard let text = line.text else { throw fail(.textNotUTF8) }
        return text
    }
}
