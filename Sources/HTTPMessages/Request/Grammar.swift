/// The byte classes of RFC 9110 and RFC 3986 as predicates without tables in memory: each class of
/// the ASCII range is a 128-bit mask.
enum Grammar {
    static let carriageReturn: UInt8 = 13
    static let lineFeed: UInt8 = 10
    static let space: UInt8 = 32
    static let tab: UInt8 = 9

    /// A 128-bit set of ASCII bytes.
    struct ASCIISet: Sendable {
        private var low: UInt64 = 0
        private var high: UInt64 = 0

        init(_ members: String, letters: Bool = true, digits: Bool = true) {
            for byte in members.utf8 { insert(byte) }
            if letters { for byte in UInt8(ascii: "a")...UInt8(ascii: "z") { insert(byte) } }
            if letters { for byte in UInt8(ascii: "A")...UInt8(ascii: "Z") { insert(byte) } }
            if digits { for byte in UInt8(ascii: "0")...UInt8(ascii: "9") { insert(byte) } }
        }

        private mutating func insert(_ byte: UInt8) {
            if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte & 63) }
        }

        @inline(__always)
        func contains(_ byte: UInt8) -> Bool {
            guard byte < 128 else { return false }
            return (byte < 64 ? low : high) >> UInt64(byte & 63) & 1 == 1
        }
    }

    /// `tchar` (RFC 9110 §5.6.2): methods, field names, chunk extension names.
    static let token = ASCIISet("!#$%&'*+-.^_`|~")
    /// `pchar` and `/` (RFC 3986 §3.3); the percent sign is left to `isPercentEncoded`.
    static let path = ASCIISet("-._~!$&'()*+,;=:@/%")
    /// The query's set: `path` and `?`.
    static let query = ASCIISet("-._~!$&'()*+,;=:@/%?")
    /// `reg-name`: a host that is not an IP literal.
    static let registeredName = ASCIISet("-._~!$&'()*+,;=%")
    /// The bytes of an IP literal of a future version.
    static let addressLiteral = ASCIISet("-._~!$&'()*+,;=:")

    /// `field-vchar`, SP and HTAB: everything but the other control bytes and DEL.
    @inline(__always)
    static func isFieldValue(_ byte: UInt8) -> Bool {
        (byte >= 32 && byte != 127) || byte == tab
    }

    @inline(__always)
    static func isWhitespace(_ byte: UInt8) -> Bool { byte == space || byte == tab }

    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    /// The value of a hexadecimal digit; nil for any other byte.
    @inline(__always)
    static func hexValue(_ byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }

    /// The lower-case form of an ASCII letter, any other byte unchanged.
    @inline(__always)
    static func lowercased(_ byte: UInt8) -> UInt8 {
        byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
    }
}

extension Collection<UInt8> {
    /// Whether every byte is in `set` and every `%` starts a percent-encoded byte.
    func isPercentEncoded(over set: Grammar.ASCIISet) -> Bool {
        var digitsDue = 0
        for byte in self {
            if digitsDue > 0 {
                guard Grammar.hexValue(byte) != nil else { return false }
                digitsDue -= 1
            } else {
                guard set.contains(byte) else { return false }
                if byte == UInt8(ascii: "%") { digitsDue = 2 }
            }
        }
        return digitsDue == 0
    }

    /// Whether the bytes equal `lowercase`, ignoring the case of ASCII letters. No allocation.
    func equalsIgnoringCase(_ lowercase: String) -> Bool {
        count == lowercase.utf8.count
            && zip(self, lowercase.utf8).allSatisfy { Grammar.lowercased($0) == $1 }
    }
}

extension ArraySlice<UInt8> {
    /// The bytes without leading and trailing spaces and tabs. No allocation.
    func trimmingWhitespace() -> ArraySlice<UInt8> {
        var rest = self
        while let byte = rest.first, Grammar.isWhitespace(byte) { rest = rest.dropFirst() }
        while let byte = rest.last, Grammar.isWhitespace(byte) { rest = rest.dropLast() }
        return rest
    }
}
