internal import ByteText

extension JSONScanner {
    /// Reads a string from its opening quote on; the range is what stands between the quotes.
    mutating func scanString() throws(JSONFault) -> Range<Int> {
        offset += 1
        let start = offset
        while let byte {
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                return start..<offset - 1
            case UInt8(ascii: "\\"): try scanEscape()
            case 0x00..<0x20: throw fault(.escapedControl)
            case 0x20..<0x80: offset += 1
            default: try scanMultibyte(byte)
            }
        }
        throw fault(.closingQuote)
    }

    private mutating func scanEscape() throws(JSONFault) {
        offset += 1
        switch byte {
        case UInt8(ascii: "u"):
            let start = offset - 1
            let unit = try scanHexadecimal()
            if (0xDC00..<0xE000).contains(unit) { try failSurrogate(at: start) }
            if (0xD800..<0xDC00).contains(unit) { try scanLowSurrogate(highAt: start) }
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            offset += 1
        default: throw fault(.escape)
        }
    }

    private mutating func scanLowSurrogate(highAt start: Int) throws(JSONFault) {
        guard text[offset...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) else {
            return try failSurrogate(at: start)
        }
        offset += 1
        let unit = try scanHexadecimal()
        if !(0xDC00..<0xE000).contains(unit) { try failSurrogate(at: start) }
    }

    private mutating func failSurrogate(at start: Int) throws(JSONFault) {
        offset = start
        throw fault(.surrogatePair)
    }

    /// Reads `u` and its four digits.
    private mutating func scanHexadecimal() throws(JSONFault) -> UInt32 {
        offset += 1
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let byte, let digit = ASCII.hexadecimalValue(byte) else {
                throw fault(.hexadecimalDigit)
            }
            unit = unit << 4 | UInt32(digit)
            offset += 1
        }
        return unit
    }

    /// Reads one scalar of two to four bytes, in its shortest form and not a surrogate: table 3-7
    /// of the Unicode Standard.
    private mutating func scanMultibyte(_ lead: UInt8) throws(JSONFault) {
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
        guard offset + count <= text.count, second.contains(text[offset + 1]),
            text[offset + 2..<max(offset + 2, offset + count)].allSatisfy({ $0 & 0xC0 == 0x80 })
        else { throw fault(.utf8) }
        offset += count
    }
}

/// The text a key's bytes stand for.
enum JSONKeyText {
    /// `raw` is what a scanner has read between two quotes, so every escape in it is complete.
    static func unescaped(_ raw: ArraySlice<UInt8>) -> String {
        var units: [UInt16] = []
        var rest = raw
        while let byte = rest.first {
            if byte == UInt8(ascii: "\\") {
                units.append(unit(ofEscape: rest.dropFirst()))
                rest = rest.dropFirst(rest.dropFirst().first == UInt8(ascii: "u") ? 6 : 2)
            } else {
                let plain = rest.prefix { $0 != UInt8(ascii: "\\") }
                units += String(decoding: plain, as: UTF8.self).utf16
                rest = rest.dropFirst(plain.count)
            }
        }
        return String(decoding: units, as: UTF16.self)
    }

    /// `escape` begins behind the backslash.
    private static func unit(ofEscape escape: ArraySlice<UInt8>) -> UInt16 {
        switch escape.first {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        case UInt8(ascii: "u"):
            escape.dropFirst().prefix(4).reduce(0) { unit, byte in
                unit << 4 | UInt16(ASCII.hexadecimalValue(byte) ?? 0)
            }
        case let byte: UInt16(byte ?? 0)
        }
    }
}
