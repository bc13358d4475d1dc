/// Appends floats as JSON numbers with the fewest digits that read back as the same float, and
/// always with a point or an exponent. Nothing is allocated but room in the buffer.
enum FloatText {
    /// Sign, nine digits, point, `e-45`; and `0.0000` with nine digits stays below.
    static let maximumBytes = 16
    /// Values from 10^-4 up to 10^9 are written without an exponent.
    private static let plainExponents = -3...9

    /// - Parameter value: finite.
    static func append(_ value: Float, to bytes: inout [UInt8]) {
        if value.sign == .minus { bytes.append(UInt8(ascii: "-")) }
        let decimal = ShortestDecimal(value)
        let digits = DecimalDigits(decimal.digits)
        // value = 0.DIGITS × 10^point
        let point = digits.count + decimal.exponent
        if plainExponents.contains(point) {
            appendPlain(digits, point: point, to: &bytes)
        } else {
            appendScientific(digits, exponent: point - 1, to: &bytes)
        }
    }

    private static func appendPlain(
        _ digits: DecimalDigits, point: Int, to bytes: inout [UInt8]
    ) {
        if point <= 0 {
            bytes.append(UInt8(ascii: "0"))
            bytes.append(UInt8(ascii: "."))
            for _ in point..<0 { bytes.append(UInt8(ascii: "0")) }
            return digits.append(from: 0, through: digits.significantCount, to: &bytes)
        }
        digits.append(from: 0, through: point, to: &bytes)
        bytes.append(UInt8(ascii: "."))
        digits.append(from: point, through: max(point + 1, digits.significantCount), to: &bytes)
    }

    private static func appendScientific(
        _ digits: DecimalDigits, exponent: Int, to bytes: inout [UInt8]
    ) {
        digits.append(from: 0, through: 1, to: &bytes)
        if digits.significantCount > 1 {
            bytes.append(UInt8(ascii: "."))
            digits.append(from: 1, through: digits.significantCount, to: &bytes)
        }
        bytes.append(UInt8(ascii: "e"))
        bytes.append(UInt8(ascii: exponent < 0 ? "-" : "+"))
        let magnitude = UInt8(truncatingIfNeeded: abs(exponent))
        bytes.append(UInt8(ascii: "0") + magnitude / 10)
        bytes.append(UInt8(ascii: "0") + magnitude % 10)
    }
}

/// The digits of a number, most significant first, with as many zeros behind them as are asked for.
private struct DecimalDigits {
    private var reversed = InlineArray<10, UInt8>(repeating: UInt8(ascii: "0"))
    /// At least 1.
    private(set) var count = 0
    /// Without trailing zeros, but at least 1.
    let significantCount: Int

    init(_ value: UInt32) {
        var rest = value
        var trailingZeros = 0
        repeat {
            let digit = UInt8(truncatingIfNeeded: rest % 10)
            if digit == 0 && trailingZeros == count { trailingZeros += 1 }
            reversed[count] += digit
            count += 1
            rest /= 10
        } while rest > 0
        significantCount = max(1, count - trailingZeros)
    }

    func append(from start: Int, through end: Int, to bytes: inout [UInt8]) {
        for position in start..<end {
            bytes.append(position < count ? reversed[count - 1 - position] : UInt8(ascii: "0"))
        }
    }
}
