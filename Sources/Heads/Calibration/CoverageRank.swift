/// The rank of the score that is the threshold of a coverage.
enum CoverageRank {
    /// ⌈(n + 1) · coverage⌉, at least 1, by integers: `coverage` stands for the shortest decimal
    /// number that is read as this double, which is what a request has written. With doubles, 0.9
    /// of 100 would be more than 90, or less.
    ///
    /// - Parameters:
    ///   - coverage: in (0, 1).
    ///   - rowCount: n, at most `Calibration.maxRowCount`.
    static func rank(of coverage: Double, rowCount: Int) -> Int {
        let (digits, places) = decimal(coverage)
        // Of 17 digits, and 24 places before them, so that all numbers stay below 2¹²⁸. A coverage
        // with more places is below 10⁻⁷, and of no calibration as much as one row.
        guard places <= 24 else { return 1 }
        let scale = (0..<places).reduce(UInt128(1)) { power, _ in power * 10 }
        let (quotient, rest) = (UInt128(rowCount + 1) * digits).quotientAndRemainder(
            dividingBy: scale)
        return max(1, Int(quotient) + (rest > 0 ? 1 : 0))
    }

    /// The number as `digits` · 10^−`places`.
    private static func decimal(_ value: Double) -> (digits: UInt128, places: Int) {
        var digits: UInt128 = 0
        var (places, exponent) = (0, 0)
        var isFraction = false
        let parts = "\(value)".split(separator: "e")
        for character in parts[0].utf8 {
            if character == UInt8(ascii: ".") {
                isFraction = true
            } else {
                digits = digits * 10 + UInt128(character - UInt8(ascii: "0"))
                places += isFraction ? 1 : 0
            }
        }
        if parts.count > 1 { exponent = Int(parts[1]) ?? 0 }
        return (digits, places - exponent)
    }
}
