/// A number of a JSON text.
struct JSONNumber {
    let range: Range<Int>
    /// Neither fraction nor exponent.
    let isInteger: Bool

    /// Digits of the exponent, 0 without one.
    let exponentDigits: Int

    /// An integer of 18 bytes fits 64 bits.
    private static let minWideIntegerBytes = 19
    /// A double overflows from 10^309 on, for which an exponent of one or two digits needs 200
    /// more in front of it.
    private static let minInfiniteExponentDigits = 3
    private static let minInfiniteBytes = 200

    enum Fit {
        /// simdjson reads it as it is.
        case machineType
        /// An integer outside int64 and uint64.
        case roundedDouble
        /// Not even a double is large enough.
        case nothing
    }

    func fit(in text: [UInt8]) -> Fit {
        if isInteger ? range.count < Self.minWideIntegerBytes : cannotBeInfinite {
            return .machineType
        }
        let digits = String(decoding: text[range], as: UTF8.self)
        if isInteger, Int64(digits) != nil || UInt64(digits) != nil { return .machineType }
        guard let value = Double(digits), value.isFinite else { return .nothing }
        return isInteger ? .roundedDouble : .machineType
    }

    /// Most numbers of a text are told apart from infinity by this alone.
    private var cannotBeInfinite: Bool {
        exponentDigits < Self.minInfiniteExponentDigits && range.count < Self.minInfiniteBytes
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
        var exponentDigits = 0
        if byte == UInt8(ascii: ".") {
            offset += 1
            isInteger = false
            try scanDigits()
        }
        if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            offset += 1
            isInteger = false
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { offset += 1 }
            exponentDigits = offset
            try scanDigits()
            exponentDigits = offset - exponentDigits
        }
        return JSONNumber(
            range: start..<offset, isInteger: isInteger, exponentDigits: exponentDigits)
    }

    private mutating func scanDigits() throws(JSONFault) {
        let start = offset
        while let byte, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { offset += 1 }
        if offset == start { throw fault(.digit) }
    }
}
