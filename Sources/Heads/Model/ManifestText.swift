internal import ByteText

/// The bytes of a `model.json`: UTF-8, a byte order mark in front or not.
struct ManifestText {
    let bytes: [UInt8]
    /// The first byte behind the mark.
    let start: Int

    init(_ bytes: [UInt8]) throws(ManifestProblem) {
        self.bytes = bytes
        start = ByteOrderMark.length(in: bytes.span)
        if let encoding = WideEncoding.name(of: bytes) {
            throw .syntax("this is \(encoding) text; save it as UTF-8")
        }
        if let offset = UTF8Check.firstFault(of: bytes.span) {
            throw fault(at: offset, "not UTF-8; save the file as UTF-8")
        }
    }

    /// The line of a byte, from 1.
    func line(of offset: Int) -> Int {
        1 + bytes[start..<offset].count { $0 == UInt8(ascii: "\n") }
    }

    /// A syntax error at a byte. Columns count characters, from 1.
    func fault(at offset: Int, _ reason: String) -> ManifestProblem {
        let before = bytes[start..<offset]
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? start
        let column = 1 + bytes[lineStart..<offset].count { $0 & 0xC0 != 0x80 }
        return .syntax("line \(line(of: offset)), column \(column): \(reason)")
    }

    /// A syntax error that says what would have to stand at a byte, and what does.
    func fault(at offset: Int, expected: String) -> ManifestProblem {
        let rest = bytes[offset...].prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        guard offset < bytes.count else {
            return fault(at: offset, "expected \(expected), found the end of the text")
        }
        guard !rest.isEmpty else {
            return fault(at: offset, "expected \(expected), found the end of the line")
        }
        let found = ManifestExcerpt.quoted(String(decoding: rest, as: UTF8.self))
        return fault(at: offset, "expected \(expected), found \(found)\(Self.hint(rest))")
    }

    /// Help for what other notations allow.
    private static func hint(_ rest: ArraySlice<UInt8>) -> String {
        switch rest.first {
        case UInt8(ascii: "/"), UInt8(ascii: "#"): "; JSON has no comments"
        case UInt8(ascii: "'"): "; JSON's quotes are double"
        default: ""
        }
    }
}

/// Text that is not UTF-8 although all its characters are.
enum WideEncoding {
    /// UTF-16 or UTF-32 by a byte order mark, or by the zeros that its first characters have.
    static func name(of bytes: [UInt8]) -> String? {
        let start = Array(bytes.prefix(4))
        if start.starts(with: [0xFF, 0xFE, 0, 0]) || start == [0, 0, 0xFE, 0xFF] {
            return "UTF-32"
        }
        if start.starts(with: [0xFF, 0xFE]) || start.starts(with: [0xFE, 0xFF]) {
            return "UTF-16"
        }
        guard start.count >= 2 else { return nil }
        let zeros = start.map { $0 == 0 }
        if zeros == [true, true, true, false] || zeros == [false, true, true, true] {
            return "UTF-32"
        }
        return zeros[0] != zeros[1] ? "UTF-16" : nil
    }
}

extension ManifestText {
    /// A JSON string: quotes, backslashes and control characters are escaped.
    static func quoted(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar -> String in
            switch scalar {
            case "\"", "\\": "\\\(scalar)"
            case "\u{0}"..<"\u{20}":
                "\\u" + ManifestExcerpt.codePoint(scalar).dropFirst(2)
            default: String(scalar)
            }
        }
        return "\"" + escaped.joined() + "\""
    }
}

extension TensorNames {
    /// The object that `model.json` would have.
    var json: String {
        var members = given.map { role, names in
            let values = names.map(ManifestText.quoted).joined(separator: ", ")
            let value = role == .heads ? "[\(values)]" : values
            return "\(ManifestText.quoted(role.rawValue)): \(value)"
        }
        if hasNoBias, bias == nil { members.append("\"\(Role.bias.rawValue)\": null") }
        return "{" + members.joined(separator: ", ") + "}"
    }
}
