extension ManifestScanner {
    /// Reads a string from its opening quote on, its escapes undone. The text is UTF-8.
    mutating func string() throws(ManifestProblem) -> String {
        let start = offset
        offset += 1
        var bytes: [UInt8] = []
        while let byte {
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                return String(decoding: bytes, as: UTF8.self)
            case UInt8(ascii: "\\"):
                UTF8.encode(try escape()) { bytes.append($0) }
            case 0x00..<0x20:
                throw text.fault(
                    at: offset,
                    "a control character in the string that begins in line "
                        + "\(text.line(of: start)); escape it, or close the string before it")
            default:
                bytes.append(byte)
                offset += 1
            }
        }
        throw fault("the closing quote of the string that begins in line \(text.line(of: start))")
    }

    /// The character of a backslash and what follows it; two escapes make a surrogate pair.
    private mutating func escape() throws(ManifestProblem) -> Unicode.Scalar {
        let start = offset
        offset += 1
        guard let letter = byte else { throw fault("an escape") }
        offset += 1
        if let scalar = Self.escapes[letter] { return scalar }
        guard letter == UInt8(ascii: "u") else {
            throw text.fault(at: start, expected: "one of \"\\/bfnrtu behind the backslash")
        }
        let unit = try codeUnit()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        if UTF16.isLeadSurrogate(unit), text.bytes[offset...].starts(with: Array("\\u".utf8)) {
            offset += 2
            let trail = try codeUnit()
            if UTF16.isTrailSurrogate(trail) {
                return UTF16.decode(UTF16.EncodedScalar([unit, trail]))
            }
        }
        throw text.fault(at: start, expected: "a high surrogate with its low one")
    }

    private static let escapes: [UInt8: Unicode.Scalar] = [
        UInt8(ascii: "\""): "\"", UInt8(ascii: "\\"): "\\", UInt8(ascii: "/"): "/",
        UInt8(ascii: "b"): "\u{8}", UInt8(ascii: "f"): "\u{c}", UInt8(ascii: "n"): "\n",
        UInt8(ascii: "r"): "\r", UInt8(ascii: "t"): "\t",
    ]

    /// Four hexadecimal digits.
    private mutating func codeUnit() throws(ManifestProblem) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw fault("four hexadecimal digits")
            }
            unit = unit << 4 | UInt16(digit)
            offset += 1
        }
        return unit
    }
}
