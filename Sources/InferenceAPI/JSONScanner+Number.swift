/// A number of a JSON text.
struct JSONNumber {
    let range: Range<Int>
    /// Neither fraction nor exponent.
    let isInteger: Bool

    /// No shorter number leaves the range of its type: an integer of 18 digits fits 64 bits, and a
    /// double takes an exponent of three digits or hundreds of digits to overflow.
    private static let shortestWideInteger = 19
    private static let shortestInfinite = 5

    enum Fit {
        /// simdjson reads it as it is.
        case machineType
        /// An integer outside int64 and uint64.
        case roundedDouble
        /// Not even a double is large enough.
        case nothing
    }

    func fit(in text: [UInt8]) -> Fit {
        let shortest = isInteger ? Self.shortestWideInteger : Self.shortestInfinite
        if range.count < shortest { return .machineType }
        let digits = String(decoding: text[range], as: UTF8.self)
        if isInteger, Int64(digits) != nil || UInt64(digits) != nil { return .machineType }
        guard let value = Double(digits), value.isFinite else { return .nothing }
        return isInteger ? .roundedDouble : .machineType
    }
}

extension JSONScanner {
    /// Reads `-? int frac? exp?`. What follows is the caller's to check, so that in `01` the `1`
    /// is where something else was expected.
    mutating func scanNumber() throws(JSONFault) -> JSONNumber {
        let start = offset
        if byte == UInt8(ascii: "-") { offset += 1 }
        if byte == UInt8(ascii: "0") { offset += 1 } else { try scanDigits() }
        var isInteger = true
        if byte == UInt8(ascii: ".") {
            offset += 1
            isInteger = false
            try scanDigits()
        }
        if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            offset += 1
            isInteger = false
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { offset += 1 }
            try scanDigits()
        }
        return JSONNumber(range: start..<offset, isInteger: isInteger)
    }

    private mutating func scanDigits() throws(JSONFault) {
        let start = offset
        while let byte, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { offset += 1 }
        if offset == start { throw fault(.digit) }
    }
}
