internal import ByteText

extension JSONReader {
    /// A string's text. One of more than `maxBytes` bytes is read no further, and cut there or at
    /// most three bytes later.
    struct Text {
        let text: String
        let isWhole: Bool
    }

    /// Bytes of two escapes, a surrogate pair, which are the longest token within a string.
    private static let tokenBytes = 12

    /// Reads a string, whose opening quote is the next byte.
    mutating func string(maxBytes: Int) throws(RequestError) -> Text {
        if let text = plainString(maxBytes: maxBytes) { return Text(text: text, isWhole: true) }
        offset += 1
        var text: [UInt8] = []
        while text.count <= maxBytes {
            if bytes.count - offset < Self.tokenBytes { load(Self.tokenBytes) }
            guard offset < bytes.count else { throw fault(.closingQuote) }
            let byte = bytes[offset]
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                return Text(text: String(decoding: text, as: UTF8.self), isWhole: true)
            case UInt8(ascii: "\\"):
                text += String(try escape()).utf8
            case 0x00..<0x20: throw fault(.escapedControl)
            case 0x20..<0x80:
                text.append(byte)
                offset += 1
            default:
                let count = try multibyteCount(byte)
                text += bytes[offset..<offset + count]
                offset += count
            }
        }
        return Text(text: String(decoding: text, as: UTF8.self), isWhole: false)
    }

    /// Reads a string that lies in the bytes at hand, of ASCII without escapes, as most do; nil for
    /// any other, which is not read.
    private mutating func plainString(maxBytes: Int) -> String? {
        let start = offset + 1
        var end = start
        while end < bytes.count, end - start <= maxBytes, Self.isPlain(bytes[end]) { end += 1 }
        guard end < bytes.count, end - start <= maxBytes, bytes[end] == UInt8(ascii: "\"") else {
            return nil
        }
        offset = end + 1
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    /// Whether a byte of a string is a character that stands for itself.
    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x20..<0x80).contains(byte) && byte != UInt8(ascii: "\"")
            && byte != UInt8(ascii: "\\")
    }

    /// The same for a value that has to be a string; nil for any other value, which is not read.
    mutating func stringValue(maxBytes: Int) throws(RequestError) -> Text? {
        guard byte == UInt8(ascii: "\"") else { return nil }
        return try string(maxBytes: maxBytes)
    }

    private mutating func escape() throws(RequestError) -> Unicode.Scalar {
        offset += 1
        guard offset < bytes.count else { throw fault(.escape) }
        let scalar: Unicode.Scalar
        switch bytes[offset] {
        case UInt8(ascii: "u"): return try unicodeEscape()
        case UInt8(ascii: "b"): scalar = "\u{8}"
        case UInt8(ascii: "f"): scalar = "\u{C}"
        case UInt8(ascii: "n"): scalar = "\n"
        case UInt8(ascii: "r"): scalar = "\r"
        case UInt8(ascii: "t"): scalar = "\t"
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
            scalar = Unicode.Scalar(bytes[offset])
        default: throw fault(.escape)
        }
        offset += 1
        return scalar
    }

    /// Reads `uXXXX`, and the low surrogate behind a high one.
    private mutating func unicodeEscape() throws(RequestError) -> Unicode.Scalar {
        let start = offset - 1
        let unit = try hexadecimal()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard (0xD800..<0xDC00).contains(unit),
            bytes[offset...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")])
        else { throw lonelySurrogate(at: start) }
        offset += 1
        let low = try hexadecimal()
        guard (0xDC00..<0xE000).contains(low) else { throw lonelySurrogate(at: start) }
        let scalar = 0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(low) - 0xDC00)
        return Unicode.Scalar(scalar) ?? "\u{FFFD}"
    }

    private mutating func lonelySurrogate(at start: Int) -> RequestError {
        offset = start
        return fault(.surrogatePair)
    }

    /// Reads `u` and its four digits.
    private mutating func hexadecimal() throws(RequestError) -> UInt16 {
        offset += 1
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard offset < bytes.count, let digit = ASCII.hexadecimalValue(bytes[offset]) else {
                throw fault(.hexadecimalDigit)
            }
            unit = unit << 4 | UInt16(digit)
            offset += 1
        }
        return unit
    }

    /// Bytes of the scalar of two to four of them that is next, in its shortest form and not a
    /// surrogate: table 3-7 of the Unicode Standard.
    private func multibyteCount(_ lead: UInt8) throws(RequestError) -> Int {
        let second: ClosedRange<UInt8>
        let count: Int
        switch lead {
        case 0xC2...0xDF: (second, count) = (0x80...0xBF, 2)
        case 0xE0: (second, count) = (0xA0...0xBF, 3)
        case 0xED: (second, count) = (0x80...0x9F, 3)
        case 0xE1...0xEF: (second, count) = (0x80...0xBF, 3)
        case 0xF0: (second, count) = (0x90...0xBF, 4)
        case 0xF1...0xF3: (second, count) = (0x80...0xBF, 4)
        case 0xF4: (second, count) = (0x80...0x8F, 4)
        default: throw fault(.utf8)
        }
        guard offset + count <= bytes.count, second.contains(bytes[offset + 1]),
            bytes[offset + 2..<max(offset + 2, offset + count)].allSatisfy({ $0 & 0xC0 == 0x80 })
        else { throw fault(.utf8) }
        return count
    }
}
