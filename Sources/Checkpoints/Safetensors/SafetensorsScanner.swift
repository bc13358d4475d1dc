/// Reads the few forms of JSON (RFC 8259) that occur in a safetensors header: objects, strings,
/// lists of unsigned integers. Nothing else is a value there, so nothing here recurses.
struct SafetensorsScanner {
    let path: String
    let limits: ReadLimits
    /// The tensor whose entry is being read, to be named in errors.
    var tensor: String?
    private let text: [UInt8]
    private(set) var offset = 0

    /// `text` is UTF-8; the caller has checked that.
    init(_ text: [UInt8], path: String, limits: ReadLimits) {
        self.text = text
        self.path = path
        self.limits = limits
    }

    func error(_ defect: SafetensorsDefect) -> CheckpointError {
        .safetensors(path: path, tensor: tensor, defect: defect)
    }

    var malformed: CheckpointError { error(.malformedHeader(offset: offset)) }

    /// The next byte that is not white space, which is skipped.
    private mutating func peek() -> UInt8? {
        while offset < text.count, [0x20, 0x09, 0x0a, 0x0d].contains(text[offset]) { offset += 1 }
        return offset < text.count ? text[offset] : nil
    }

    private mutating func accept(_ character: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(CheckpointError) {
        guard accept(character) else { throw malformed }
    }

    /// Checks that only spaces are left.
    func expectEnd() throws(CheckpointError) {
        for place in offset..<text.count where text[place] != 0x20 {
            throw error(.trailingBytes(offset: place))
        }
    }

    /// An object; `member` reads the value of each key, in file order.
    mutating func object(
        _ member: (inout Self, _ key: String) throws(CheckpointError) -> Void
    ) throws(CheckpointError) {
        try expect("{")
        if accept("}") { return }
        repeat {
            let key = try name()
            try expect(":")
            try member(&self, key)
        } while accept(",")
        try expect("}")
    }

    /// A list of sizes.
    mutating func shape() throws(CheckpointError) -> [Int] {
        var sizes: [Int] = []
        try expect("[")
        if accept("]") { return sizes }
        repeat {
            sizes.append(try integer())
            try check(.dimensionCount, sizes.count, atMost: limits.dimensionCount)
        } while accept(",")
        try expect("]")
        return sizes
    }

    /// A list of exactly two unsigned integers.
    mutating func pair() throws(CheckpointError) -> (Int, Int) {
        try expect("[")
        let first = try integer()
        try expect(",")
        let second = try integer()
        try expect("]")
        return (first, second)
    }

    func check(
        _ limit: ReadLimit, _ value: Int, atMost maximum: Int
    ) throws(CheckpointError) {
        let part = tensor.map { "tensor \"\($0)\"" } ?? SafetensorsHeader.part
        try limit.check(value, atMost: maximum, path: path, part: part)
    }

    private mutating func integer() throws(CheckpointError) -> Int {
        guard let first = peek() else { throw malformed }
        if first == UInt8(ascii: "-") { throw error(.negativeNumber(offset: offset)) }
        let start = offset
        var value = 0
        while offset < text.count, (0x30...0x39).contains(text[offset]) {
            let (product, overflows) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflowsToo) = product.addingReportingOverflow(Int(text[offset] - 0x30))
            guard !overflows, !overflowsToo else { throw error(.numberTooLarge(offset: start)) }
            value = sum
            offset += 1
        }
        guard offset > start, first != 0x30 || offset == start + 1 else { throw malformed }
        return value
    }

    /// A key or the name of a type: a string short enough to be named in an error.
    mutating func name() throws(CheckpointError) -> String {
        let name = try string()
        try check(.nameByteCount, name.utf8.count, atMost: limits.nameByteCount)
        return name
    }

    /// A string with its escapes undone.
    mutating func string() throws(CheckpointError) -> String {
        try expect("\"")
        var bytes: [UInt8] = []
        while offset < text.count, text[offset] >= 0x20 {
            let byte = text[offset]
            offset += 1
            if byte == UInt8(ascii: "\"") { return String(decoding: bytes, as: UTF8.self) }
            if byte == UInt8(ascii: "\\") {
                UTF8.encode(try escape()) { bytes.append($0) }
            } else {
                bytes.append(byte)
            }
        }
        throw malformed
    }

    /// The character that a backslash and those behind it stand for; two escapes make a surrogate
    /// pair.
    private mutating func escape() throws(CheckpointError) -> Unicode.Scalar {
        let start = offset - 1
        guard offset < text.count else { throw malformed }
        let letter = text[offset]
        offset += 1
        if let scalar = Self.escapes[letter] { return scalar }
        guard letter == UInt8(ascii: "u"), let unit = codeUnit() else {
            throw error(.malformedHeader(offset: start))
        }
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard UTF16.isLeadSurrogate(unit), text[offset...].starts(with: Array("\\u".utf8)) else {
            throw error(.malformedHeader(offset: start))
        }
        offset += 2
        guard let trail = codeUnit(), UTF16.isTrailSurrogate(trail) else {
            throw error(.malformedHeader(offset: start))
        }
        return UTF16.decode(UTF16.EncodedScalar([unit, trail]))
    }

    /// Four hexadecimal digits.
    private mutating func codeUnit() -> UInt16? {
        guard text.count - offset >= 4 else { return nil }
        let digits = text[offset..<(offset + 4)]
        // The initialiser below would take a sign.
        guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
        offset += 4
        return UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    }

    private static let escapes: [UInt8: Unicode.Scalar] = [
        UInt8(ascii: "\""): "\"", UInt8(ascii: "\\"): "\\", UInt8(ascii: "/"): "/",
        UInt8(ascii: "b"): "\u{8}", UInt8(ascii: "f"): "\u{c}", UInt8(ascii: "n"): "\n",
        UInt8(ascii: "r"): "\r", UInt8(ascii: "t"): "\t",
    ]
}
