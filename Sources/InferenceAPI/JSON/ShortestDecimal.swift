/// The shortest decimal that rounds to a float, and of those the nearest: `digits` × 10^`exponent`.
///
/// The method is Raffaello Giulietti's Schubfach ("The Schubfach way to render doubles", 2020) for
/// binary32. In units of 10^k, k being the scale at which the float's rounding interval is 1 to 10
/// units wide, at most one multiple of ten lies inside the interval and at least one integer does.
/// The interval's ends and the float are scaled by a 63-bit approximation of 10^-k and kept as
/// integers with two binary places, the last of which is set when anything was cut off.
struct ShortestDecimal {
    /// At most nine decimal digits, the last of which may be zero.
    let digits: UInt32
    let exponent: Int

    private static let smallestExponent = -149
    private static let hiddenBit: UInt32 = 1 << 23

    /// - Parameter value: finite; its sign is ignored.
    init(_ value: Float) {
        let fraction = value.significandBitPattern
        let biased = Int(value.exponentBitPattern)
        if biased == 0 && fraction == 0 {
            (digits, exponent) = (0, 0)
            return
        }
        // value = significand × 2^binaryExponent
        let significand = biased == 0 ? fraction : fraction | Self.hiddenBit
        let binaryExponent = max(biased, 1) - 1 + Self.smallestExponent
        // Below a power of two the floats are half as far apart.
        let isNarrow = fraction == 0 && biased > 1
        exponent =
            isNarrow
            ? Logarithm.decimalOfThreeQuarters(binaryExponent) : Logarithm.decimal(binaryExponent)
        digits = Self.nearest(
            significand, binaryExponent: binaryExponent, isNarrow: isNarrow, exponent: exponent)
    }

    private static func nearest(
        _ significand: UInt32, binaryExponent: Int, isNarrow: Bool, exponent: Int
    ) -> UInt32 {
        let power = PowerOfTen.approximation(-exponent)
        let shift = UInt64(binaryExponent + Logarithm.binary(-exponent) + 33)
        let quadrupled = UInt64(significand) << 2
        func scaled(_ value: UInt64) -> UInt64 {
            let high = power.multipliedFullWidth(by: value << shift).high
            return high >> 31 | (high & 0x7FFF_FFFF == 0 ? 0 : 1)
        }
        let middle = scaled(quadrupled)
        // The ends of the interval round to the float when its significand is even.
        let margin = UInt64(significand & 1)
        let low = scaled(quadrupled - (isNarrow ? 1 : 2)) + margin
        let high = scaled(quadrupled + 2)
        let below = middle >> 2
        func isInside(_ candidate: UInt64) -> Bool {
            low <= candidate << 2 && candidate << 2 + margin <= high
        }
        let tens = below / 10 * 10
        if below >= 10, isInside(tens) != isInside(tens + 10) {
            return UInt32(truncatingIfNeeded: isInside(tens) ? tens : tens + 10)
        }
        let above = below + 1
        if isInside(below) != isInside(above) {
            return UInt32(truncatingIfNeeded: isInside(below) ? below : above)
        }
        let halfway = (below + above) << 1
        let takesBelow = middle < halfway || (middle == halfway && below & 1 == 0)
        return UInt32(truncatingIfNeeded: takesBelow ? below : above)
    }
}

/// Floors of logarithms of powers, by multiplication with a constant; exact for |e| ≤ 200.
private enum Logarithm {
    /// ⌊log₁₀ 2^e⌋
    static func decimal(_ e: Int) -> Int { (e * 1_262_611) >> 22 }

    /// ⌊log₁₀ (3/4 × 2^e)⌋
    static func decimalOfThreeQuarters(_ e: Int) -> Int { (e * 1_262_611 - 524_031) >> 22 }

    /// ⌊log₂ 10^e⌋
    static func binary(_ e: Int) -> Int { (e * 1_741_647) >> 19 }
}

/// The leading 63 bits of 10^e, plus one.
private enum PowerOfTen {
    /// All that floats need: −k for the largest and the smallest float.
    private static let range = -31...45
    private static let table = range.map(leadingBits)

    static func approximation(_ exponent: Int) -> UInt64 { table[exponent - range.lowerBound] }

    /// The bits of 10^e are those of 5^e, which shifts by powers of two leave as they are.
    private static func leadingBits(_ exponent: Int) -> UInt64 {
        let power = (0..<abs(exponent)).reduce(UInt128(1)) { power, _ in power * 5 }
        if exponent < 0 { return leadingBits(reciprocalOf: power) + 1 }
        let excess = 128 - power.leadingZeroBitCount - 63
        let bits = excess > 0 ? power >> UInt128(excess) : power << UInt128(-excess)
        return UInt64(truncatingIfNeeded: bits) + 1
    }

    /// Long division of 1 by a number below 2^73: the first 63 bits from the first one on.
    private static func leadingBits(reciprocalOf divisor: UInt128) -> UInt64 {
        var remainder: UInt128 = 1
        var bits: UInt64 = 0
        while bits < 1 << 62 {
            remainder <<= 1
            bits <<= 1
            if remainder >= divisor {
                remainder -= divisor
                bits |= 1
            }
        }
        return bits
    }
}
