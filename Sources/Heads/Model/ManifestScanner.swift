/// Reads a `model.json` by RFC 8259. Errors say the line and column of what is no JSON, and both
/// lines of a key that stands twice in one object, at any depth.
struct ManifestScanner {
    /// Lists and objects inside each other: a manifest has two.
    static let maxDepth = 8

    let text: ManifestText
    var offset: Int
    /// Keys of the objects that are open.
    private var path: [String] = []
    private var depth = 0

    private init(_ text: ManifestText) {
        self.text = text
        offset = text.start
    }

    /// The value that the whole text is.
    static func value(of bytes: [UInt8]) throws(ManifestProblem) -> ManifestValue {
        var scanner = ManifestScanner(try ManifestText(bytes))
        let value = try scanner.value()
        guard scanner.peek() == nil else { throw scanner.fault("the end of the text") }
        return value
    }

    // MARK: Bytes

    var byte: UInt8? { offset < text.bytes.count ? text.bytes[offset] : nil }

    func fault(_ expected: String) -> ManifestProblem {
        text.fault(at: offset, expected: expected)
    }

    /// The next byte that is not white space, which is skipped.
    private mutating func peek() -> UInt8? {
        while let byte, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { offset += 1 }
        return byte
    }

    private mutating func accept(_ character: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    // MARK: Values

    private mutating func value() throws(ManifestProblem) -> ManifestValue {
        guard let first = peek() else { throw fault("a JSON value") }
        switch first {
        case UInt8(ascii: "{"):
            let members = try nested { (scanner: inout Self) throws(ManifestProblem) in
                try scanner.members()
            }
            return .object(members)
        case UInt8(ascii: "["):
            let elements = try nested { (scanner: inout Self) throws(ManifestProblem) in
                try scanner.elements()
            }
            return .list(elements)
        case UInt8(ascii: "\""): return .text(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: return try literal()
        }
    }

    /// Reads a list or an object from its bracket on.
    private mutating func nested<Content>(
        _ read: (inout Self) throws(ManifestProblem) -> Content
    ) throws(ManifestProblem) -> Content {
        guard depth < Self.maxDepth else {
            throw fault("at most \(Self.maxDepth) lists and objects inside each other")
        }
        depth += 1
        offset += 1
        let content = try read(&self)
        depth -= 1
        return content
    }

    private mutating func elements() throws(ManifestProblem) -> [ManifestValue] {
        var values: [ManifestValue] = []
        if accept("]") { return values }
        repeat { values.append(try value()) } while accept(",")
        guard accept("]") else { throw fault("',' or ']'") }
        return values
    }

    private mutating func members() throws(ManifestProblem) -> [ManifestMember] {
        var members: [ManifestMember] = []
        var places: [String: Int] = [:]
        if accept("}") { return members }
        repeat {
            guard peek() == UInt8(ascii: "\"") else {
                throw fault(members.isEmpty ? "a key in quotes or '}'" : "a key in quotes")
            }
            let place = offset
            let key = try string()
            path.append(ManifestExcerpt.cut(key))
            if let first = places.updateValue(place, forKey: key) {
                throw .repeatedKey(
                    path.joined(separator: "."), first: text.line(of: first),
                    second: text.line(of: place))
            }
            guard accept(":") else { throw fault("':'") }
            members.append(ManifestMember(key: key, value: try value()))
            path.removeLast()
        } while accept(",")
        guard accept("}") else { throw fault("',' or '}'") }
        return members
    }

    private mutating func literal() throws(ManifestProblem) -> ManifestValue {
        let literals: [(String, ManifestValue)] = [
            ("true", .flag(true)), ("false", .flag(false)), ("null", .null),
        ]
        for (name, value) in literals where text.bytes[offset...].starts(with: name.utf8) {
            offset += name.utf8.count
            return value
        }
        throw fault("a JSON value")
    }

    /// `-? int frac? exp?`; what follows is checked by the list or object that it stands in.
    private mutating func number() throws(ManifestProblem) -> ManifestValue {
        let start = offset
        if byte == UInt8(ascii: "-") { offset += 1 }
        if byte == UInt8(ascii: "0") { offset += 1 } else { try digits() }
        if byte == UInt8(ascii: ".") {
            offset += 1
            try digits()
        }
        if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            offset += 1
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { offset += 1 }
            try digits()
        }
        let digits = String(decoding: text.bytes[start..<offset], as: UTF8.self)
        guard let number = Double(digits) else { throw fault("a number") }
        return .number(number)
    }

    private mutating func digits() throws(ManifestProblem) {
        let start = offset
        while let byte, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { offset += 1 }
        if offset == start { throw fault("a digit") }
    }
}
