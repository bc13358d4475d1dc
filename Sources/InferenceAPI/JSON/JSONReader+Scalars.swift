internal import CNumberText

/// A number of a JSON text that has just been read.
struct JSONNumber {
    /// Its bytes among those at hand.
    let range: Range<Int>
    /// Neither fraction nor exponent.
    let isInteger: Bool
}

/// A value read as an unsigned 64-bit integer.
enum UnsignedReading {
    case value(UInt64)
    /// An integer, but negative or too large.
    case outside
    case wrongType(JSONKind)
}

extension JSONReader {
    /// The kind of the next value, of which only a number or a literal is read.
    mutating func kind() throws(RequestError) -> JSONKind {
        switch byte {
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "t"): return try literal("true", .bool)
        case UInt8(ascii: "f"): return try literal("false", .bool)
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return try number().isInteger ? .integer : .fraction
        }
    }

    private mutating func literal(
        _ text: String, _ kind: JSONKind
    ) throws(RequestError) -> JSONKind {
        load(text.utf8.count)
        guard bytes[offset...].starts(with: text.utf8) else { throw fault(.literal(text)) }
        offset += text.utf8.count
        return kind
    }

    private var isAtNumber: Bool {
        mutating get { byte.map { $0 == UInt8(ascii: "-") || Self.isDigit($0) } ?? false }
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// Reads `-? int frac? exp?`. What follows is the caller's to check, so that in `01` the `1` is
    /// where something else was expected.
    mutating func number() throws(RequestError) -> JSONNumber {
        guard isAtNumber else { throw fault(.value) }
        load(Self.maxNumberBytes + 1)
        let start = offset
        if at(UInt8(ascii: "-")) { offset += 1 }
        if at(UInt8(ascii: "0")) { offset += 1 } else { try digits() }
        var isInteger = true
        if at(UInt8(ascii: ".")) {
            offset += 1
            isInteger = false
            try digits()
        }
        if at(UInt8(ascii: "e")) || at(UInt8(ascii: "E")) {
            offset += 1
            isInteger = false
            if at(UInt8(ascii: "+")) || at(UInt8(ascii: "-")) { offset += 1 }
            try digits()
        }
        guard offset - start <= Self.maxNumberBytes else {
            offset = start
            throw fault(.shorterNumber(maxBytes: Self.maxNumberBytes))
        }
        return JSONNumber(range: start..<offset, isInteger: isInteger)
    }

    /// Whether a byte is next, among those at hand.
    private func at(_ byte: UInt8) -> Bool { offset < bytes.count && bytes[offset] == byte }

    private mutating func digits() throws(RequestError) {
        let start = offset
        while offset < bytes.count, Self.isDigit(bytes[offset]) { offset += 1 }
        if offset == start { throw fault(.digit) }
    }

    /// Any number, rounded to double; nil for any other value, which is not read.
    mutating func double() throws(RequestError) -> Double? {
        guard isAtNumber else { return nil }
        let number = try number()
        return try finite(number)
    }

    /// A number's nearest double.
    private func finite(_ number: JSONNumber) throws(RequestError) -> Double {
        let range = number.range
        let value = unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return Double.nan }
            return unsafe cnt_double(base + range.lowerBound, range.count)
        }
        guard value.isFinite else { throw .notFinite(.body(pointer)) }
        return value
    }

    /// The next value as an unsigned 64-bit integer. Numbers that lie outside all 64-bit integers
    /// are outside however they are written: `1e20` and its 21 digits mean the same.
    mutating func unsignedInteger() throws(RequestError) -> UnsignedReading {
        guard isAtNumber else { return .wrongType(try kind()) }
        let number = try number()
        if number.isInteger, let value = unsigned(number) { return .value(value) }
        let double = try finite(number)
        if number.isInteger { return .outside }
        return double < 0x1p64 && double > -0x1p63 ? .wrongType(.fraction) : .outside
    }

    /// The value of an integer; nil if it is negative or has more than 64 bits.
    private func unsigned(_ number: JSONNumber) -> UInt64? {
        var value: UInt64 = 0
        let digits = bytes[number.range]
        guard digits.first != UInt8(ascii: "-") else {
            return digits.dropFirst().elementsEqual([UInt8(ascii: "0")]) ? 0 : nil
        }
        for digit in digits {
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
            if overflow || carry { return nil }
            value = sum
        }
        return value
    }
}
