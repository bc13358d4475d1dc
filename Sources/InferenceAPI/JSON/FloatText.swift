/// Writes floats as JSON numbers with the fewest digits that read back as the same float, and
/// always with a point or an exponent. Allocates nothing.
enum FloatText {
    /// Sign, nine digits, point, `e-45`; and `0.000` with nine digits stays below.
    static let maxBytes = 16
    /// Values from 10^-4 up to 10^9 are written without an exponent.
    private static let plainExponents = -3...9

    /// - Parameters:
    ///   - value: finite.
    ///   - output: has room for `maxBytes`.
    static func append(_ value: Float, to output: inout OutputSpan<UInt8>) {
        if value.sign == .minus { output.append(UInt8(ascii: "-")) }
        let decimal = ShortestDecimal(value)
        var digits = DecimalDigits(decimal.digits)
        // value = 0.DIGITS × 10^point
        let point = digits.count + decimal.exponent
        if plainExponents.contains(point) {
            appendPlain(&digits, point: point, to: &output)
        } else {
            appendScientific(&digits, exponent: point - 1, to: &output)
        }
    }

    private static func appendPlain(
        _ digits: inout DecimalDigits, point: Int, to output: inout OutputSpan<UInt8>
    ) {
        if point <= 0 {
            output.append(UInt8(ascii: "0"))
            output.append(UInt8(ascii: "."))
            for _ in point..<0 { output.append(UInt8(ascii: "0")) }
            return digits.append(digits.significantCount, to: &output)
        }
        digits.append(point, to: &output)
        output.append(UInt8(ascii: "."))
        digits.append(max(1, digits.significantCount - point), to: &output)
    }

    private static func appendScientific(
        _ digits: inout DecimalDigits, exponent: Int, to output: inout OutputSpan<UInt8>
    ) {
        digits.append(1, to: &output)
        if digits.significantCount > 1 {
            output.append(UInt8(ascii: "."))
            digits.append(digits.significantCount - 1, to: &output)
        }
        output.append(UInt8(ascii: "e"))
        output.append(UInt8(ascii: exponent < 0 ? "-" : "+"))
        let magnitude = UInt8(truncatingIfNeeded: abs(exponent))
        output.append(UInt8(ascii: "0") + magnitude / 10)
        output.append(UInt8(ascii: "0") + magnitude % 10)
    }
}

/// Hands out the digits of a number below 10^9, most significant first, and zeros behind them.
private struct DecimalDigits {
    private static let powers: InlineArray<10, UInt32> = [
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000,
    ]
    private static let fractionBits: UInt64 = 57
    /// ⌈2^57 / 10^8⌉, which is 0.25 too much: times 10^9 that stays below one unit of the last of
    /// nine digits, so all of them come out right.
    private static let unit: UInt64 = 1_441_151_881

    /// The digits that are left, with the point behind the first one, in units of 2^-57.
    private var rest: UInt64
    /// Digits that have been handed out.
    private var position = 0
    /// At least 1.
    let count: Int
    /// Without trailing zeros, but at least 1.
    let significantCount: Int

    init(_ value: UInt32) {
        var count = 1
        while count < 9, value >= Self.powers[count] { count += 1 }
        var zeros = 0
        var stripped = value
        while stripped.isMultiple(of: 10), zeros < count - 1 {
            stripped /= 10
            zeros += 1
        }
        self.count = count
        significantCount = count - zeros
        rest = UInt64(value) * UInt64(Self.powers[9 - count]) * Self.unit
    }

    mutating func append(_ digitCount: Int, to output: inout OutputSpan<UInt8>) {
        for _ in 0..<digitCount {
            let digit = position < count ? UInt8(truncatingIfNeeded: rest >> Self.fractionBits) : 0
            rest = (rest & (1 << Self.fractionBits - 1)) &* 10
            position += 1
            output.append(UInt8(ascii: "0") + digit)
        }
    }
}
