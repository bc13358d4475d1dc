extension PickleMachine {
    /// Pushes a scalar or a string; false when `opcode` is none of these.
    mutating func runLiteral(_ opcode: PickleOpcode) throws(CheckpointError) -> Bool {
        switch opcode {
        case .none: try push(PickleValue.none)
        case .newTrue: try push(.bool(true))
        case .newFalse: try push(.bool(false))
        case .int: try pushInteger(try lineText())
        case .binInt: try push(.int(Int(try cursor.integer(Int32.self))))
        case .binInt1: try push(.int(Int(try cursor.byte())))
        case .binInt2: try push(.int(Int(try cursor.integer(UInt16.self))))
        case .long1: try pushLong(byteCount: UInt64(try cursor.byte()))
        case .long4: try pushLong(byteCount: UInt64(try cursor.integer(UInt32.self)))
        case .binFloat:
            let bits = try cursor.integer(UInt64.self).byteSwapped
            try push(.double(Double(bitPattern: bits)))
        case .shortBinUnicode, .binUnicode, .binUnicode8: try pushText(opcode)
        case .shortBinString, .binString: try pushPython2String(opcode)
        case .shortBinBytes, .binBytes, .binBytes8, .byteArray8:
            let (_, place) = try takeString(opcode)
            try push(bytesAt: place)
        default: return false
        }
        return true
    }

    private mutating func stringByteCount(
        _ opcode: PickleOpcode
    ) throws(CheckpointError) -> UInt64 {
        switch opcode {
        case .shortBinUnicode, .shortBinString, .shortBinBytes: UInt64(try cursor.byte())
        case .binUnicode8, .binBytes8, .byteArray8: try cursor.integer(UInt64.self)
        default: UInt64(try cursor.integer(UInt32.self))
        }
    }

    /// The bytes of a string, whose length is checked against the limit first, and their place.
    private mutating func takeString(
        _ opcode: PickleOpcode
    ) throws(CheckpointError) -> (ByteView, Range<Int>) {
        try takeString(byteCount: try stringByteCount(opcode))
    }

    private mutating func takeString(
        byteCount: UInt64
    ) throws(CheckpointError) -> (ByteView, Range<Int>) {
        let count = Int(clamping: byteCount)
        try check(.stringByteCount, count, limits.stringByteCount)
        let start = cursor.offset
        let bytes = try cursor.take(count)
        return (bytes, start..<cursor.offset)
    }

    /// Pushes a text; one that is too long for a name or an attribute by its place only, as it can
    /// only be the bytes of an array, encoded for protocol 2.
    private mutating func pushText(_ opcode: PickleOpcode) throws(CheckpointError) {
        let (bytes, place) = try takeString(opcode)
        guard bytes.count <= Self.maxTextBytes else { return try push(longTextAt: place) }
        countSteps(of: bytes)
        guard let text = bytes.text else { throw fail(.textNotUTF8) }
        try push(text)
    }

    /// Pushes the `str` of Python 2: text or bytes.
    private mutating func pushPython2String(_ opcode: PickleOpcode) throws(CheckpointError) {
        let (bytes, place) = try takeString(opcode)
        guard bytes.count <= Self.maxTextBytes else { return try push(bytesAt: place) }
        countSteps(of: bytes)
        if let text = bytes.text { try push(text) } else { try push(bytesAt: place) }
    }

    /// Longest text that is copied out of the pickle.
    private static var maxTextBytes: Int { 1 << 20 }

    /// Counts the copying of text: many bytes take as long as one value does.
    mutating func countSteps(of text: ByteView) { countSteps(text.count / 16) }

    /// Pushes the number that INT has as text: Python 2 writes integers of more than 32 bits like
    /// that, and older protocols True and False as 01 and 00.
    private mutating func pushInteger(_ text: String) throws(CheckpointError) {
        switch text {
        case "01": try push(.bool(true))
        case "00": try push(.bool(false))
        default:
            guard let value = Int(text) else { throw fail(.wrongOperand) }
            try push(.int(value))
        }
    }

    /// Pushes a little-endian two's-complement integer of any length.
    private mutating func pushLong(byteCount: UInt64) throws(CheckpointError) {
        let (view, place) = try takeString(byteCount: byteCount)
        guard place.count <= 8 else { return try push(.bigInteger) }
        let bytes = view.bytes
        var value = bytes.last.map { $0 >= 0x80 } ?? false ? -1 : 0
        for byte in bytes.reversed() { value = value << 8 | Int(byte) }
        try push(.int(value))
    }
}
