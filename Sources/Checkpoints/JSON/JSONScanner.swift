internal import ByteText

/// Reads the JSON (RFC 8259) of checkpoints from front to back: objects whose keys differ, strings,
/// lists of unsigned integers, and whatever is only to be passed over. Nothing recurses.
struct JSONScanner {
    let path: String
    let limits: ReadLimits
    /// Names the part of the text that is being read in errors, for example `tensor "w"`.
    var part: String
    private let text: [UInt8]
    private(set) var offset = 0

    /// Copies `text`, which must be UTF-8.
    init(
        _ text: ByteView, path: String, part: String, limits: ReadLimits
    ) throws(CheckpointError) {
        self.text = text.bytes
        self.path = path
        self.part = part
        self.limits = limits
        if let offset = text.withSpan({ UTF8Check.firstFault(of: $0) }) {
            throw error(.notUTF8(offset: offset))
        }
    }

    func error(_ defect: JSONDefect) -> CheckpointError {
        .json(path: path, part: part, defect: defect)
    }

    var malformed: CheckpointError { error(.malformed(offset: offset)) }

    /// Passes over the next bytes if they are those of `word`, without skipping white space.
    mutating func accept(word: String) -> Bool {
        guard text[offset...].starts(with: word.utf8) else { return false }
        offset += word.utf8.count
        return true
    }

    /// Passes over the next byte if it is one of `characters`, without skipping white space.
    mutating func accept(oneOf characters: String) -> Bool {
        guard offset < text.count, characters.utf8.contains(text[offset]) else { return false }
        offset += 1
        return true
    }

    /// The next byte that is not white space, which is skipped.
    mutating func peek() -> UInt8? {
        while offset < text.count, [0x20, 0x09, 0x0a, 0x0d].contains(text[offset]) { offset += 1 }
        return offset < text.count ? text[offset] : nil
    }

    mutating func accept(_ character: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    mutating func expect(_ character: Unicode.Scalar) throws(CheckpointError) {
        guard accept(character) else { throw malformed }
    }

    /// Checks that only spaces are left.
    func expectEnd() throws(CheckpointError) {
        for place in offset..<text.count where text[place] != 0x20 {
            throw error(.trailingBytes(offset: place))
        }
    }

    /// An object; `member` reads the value of each key, in file order. A key that stands there
    /// twice is refused before its second value is read; two that differ only in Unicode's
    /// composition of characters, which are equal in Swift, count as one.
    mutating func object(
        _ member: (inout Self, _ key: String) throws(CheckpointError) -> Void
    ) throws(CheckpointError) {
        try expect("{")
        if accept("}") { return }
        var places: [String: Int] = [:]
        repeat {
            let name = try key(&places)
            try member(&self, name)
        } while accept(",")
        try expect("}")
    }

    /// A key that is new among `places`, and the colon behind it.
    mutating func key(
        _ places: inout [String: Int]
    ) throws(CheckpointError) -> String {
        _ = peek()
        let place = offset
        let key = try name()
        if let first = places.updateValue(place, forKey: key) {
            throw error(.repeatedKey(key, first: first, second: place))
        }
        try expect(":")
        return key
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
            throw error(.malformed(offset: start))
        }
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard UTF16.isLeadSurrogate(unit), text[offset...].starts(with: Array("\\u".utf8)) else {
            throw error(.malformed(offset: start))
        }
        offset += 2
        guard let trail = codeUnit(), UTF16.isTrailSurrogate(trail) else {
            throw error(.malformed(offset: start))
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
