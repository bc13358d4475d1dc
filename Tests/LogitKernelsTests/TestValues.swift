import LogitKernels

/// Reproducible test data: SplitMix64, which shares nothing with the generator under test.
struct TestValues {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func word() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// `count` values, uniform in -`scale`..<`scale`.
    mutating func floats(_ count: Int, scale: Float = 1) -> [Float] {
        (0..<count).map { _ in (Float(word() >> 40) * 0x1p-23 - 1) * scale }
    }
}

/// γ(n) = n u / (1 - n u), u = 2⁻²⁴: the relative error of n float operations in a row.
func gamma(_ operations: Int) -> Double {
    let n = Double(operations) * 0x1p-24
    return n / (1 - n)
}

/// The distance of `value` from `truth` in units in the last place of `truth` as a normal float.
func ulps(_ value: Float, _ truth: Double) -> Double {
    let size = max(abs(truth), Double(Float.leastNormalMagnitude))
    return abs(Double(value) - truth) / Double(Float(size).ulp)
}

extension Array where Element == Float {
    var bits: [UInt32] { map(\.bitPattern) }
}

extension Array where Element == Double {
    var bits: [UInt64] { map(\.bitPattern) }
}
