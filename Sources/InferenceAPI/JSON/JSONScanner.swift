/// Checks a text against RFC 8259, byte by byte, and keeps track of where it is.
///
/// It is slow beside simdjson and runs only on texts that simdjson has refused: to say where and
/// why, and to find the numbers that follow the grammar but fit no 64-bit type.
struct JSONScanner {
    /// An array or object that is open.
    private struct Frame {
        let isArray: Bool
        /// Index of the element or member that is being read; -1 before the first.
        var index = -1
        /// The bytes between the quotes of the current member's key.
        var key: Range<Int>?
    }

    let text: [UInt8]
    var offset: Int
    private let maxDepth: Int
    private var frames: [Frame] = []
    /// Integers outside int64 and uint64 that a double holds, rounded; in the order of the text.
    private(set) var wideIntegers: [Range<Int>] = []
    /// The first number whose nearest double is infinite.
    private(set) var infinite: JSONPointer?

    /// - Parameter offset: where the text begins, for example behind a byte order mark.
    init(_ text: [UInt8], from offset: Int = 0, maxDepth: Int) {
        self.text = text
        self.offset = offset
        self.maxDepth = maxDepth
    }

    /// Reads the whole text; returns if it is JSON.
    mutating func scan() throws(JSONFault) {
        skipSpace()
        try scanValue()
        while let frame = frames.last {
            skipSpace()
            if frame.isArray { try continueArray(frame) } else { try continueObject(frame) }
        }
        skipSpace()
        if offset < text.count { throw fault(.end) }
    }

    /// The byte to be read next; nil at the end.
    var byte: UInt8? { offset < text.count ? text[offset] : nil }

    /// The scanner's place in the document.
    var pointer: JSONPointer { pointer(through: frames[...]) }

    func fault(_ expected: JSONExpectation) -> JSONFault {
        JSONFault(offset: offset, expected: expected, pointer: pointer)
    }

    private func pointer(through frames: ArraySlice<Frame>) -> JSONPointer {
        var pointer = JSONPointer()
        for frame in frames {
            if let key = frame.key {
                pointer = pointer.appending(JSONKeyText.unescaped(text[key]))
            } else if frame.isArray, frame.index >= 0 {
                pointer = pointer.appending(frame.index)
            }
        }
        return pointer
    }

    /// A fault between two elements: it is the container's.
    private func containerFault(_ expected: JSONExpectation) -> JSONFault {
        JSONFault(offset: offset, expected: expected, pointer: pointer(through: frames.dropLast()))
    }

    private mutating func skipSpace() {
        while let byte, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { offset += 1 }
    }

    private mutating func scanValue() throws(JSONFault) {
        guard let byte else { throw fault(.value) }
        switch byte {
        case UInt8(ascii: "["): try open(Frame(isArray: true))
        case UInt8(ascii: "{"): try open(Frame(isArray: false))
        case UInt8(ascii: "\""): _ = try scanString()
        case UInt8(ascii: "t"): try scanLiteral("true")
        case UInt8(ascii: "f"): try scanLiteral("false")
        case UInt8(ascii: "n"): try scanLiteral("null")
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try readNumber()
        default: throw fault(.value)
        }
    }

    private mutating func open(_ frame: Frame) throws(JSONFault) {
        if frames.count == maxDepth { throw fault(.depth(limit: maxDepth)) }
        frames.append(frame)
        offset += 1
    }

    private mutating func continueArray(_ frame: Frame) throws(JSONFault) {
        if byte == UInt8(ascii: "]") { return close() }
        if frame.index >= 0 {
            guard byte == UInt8(ascii: ",") else { throw containerFault(.commaOrBracket) }
            offset += 1
            skipSpace()
        }
        frames[frames.count - 1].index += 1
        try scanValue()
    }

    private mutating func continueObject(_ frame: Frame) throws(JSONFault) {
        if byte == UInt8(ascii: "}") { return close() }
        if frame.index >= 0 {
            guard byte == UInt8(ascii: ",") else { throw containerFault(.commaOrBrace) }
            offset += 1
            skipSpace()
        }
        guard byte == UInt8(ascii: "\"") else {
            throw containerFault(frame.index < 0 ? .keyOrBrace : .key)
        }
        frames[frames.count - 1].key = nil
        let key = try scanString()
        frames[frames.count - 1].key = key
        frames[frames.count - 1].index += 1
        skipSpace()
        guard byte == UInt8(ascii: ":") else { throw fault(.colon) }
        offset += 1
        skipSpace()
        try scanValue()
    }

    private mutating func close() {
        frames.removeLast()
        offset += 1
    }

    private mutating func scanLiteral(_ literal: String) throws(JSONFault) {
        guard text[offset...].starts(with: literal.utf8) else { throw fault(.literal(literal)) }
        offset += literal.utf8.count
    }

    private mutating func readNumber() throws(JSONFault) {
        let number = try scanNumber()
        switch number.fit(in: text) {
        case .machineType: break
        case .roundedDouble: wideIntegers.append(number.range)
        case .nothing: infinite = infinite ?? pointer
        }
    }
}
