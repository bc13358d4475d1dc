internal import LogitKernels

/// Bounds on the differences between answers that come from the rounding of weights to a format.
extension WeightFormat {
    /// Largest difference between this machine's kernels and the portable ones, for one model and
    /// row.
    ///
    /// Sums of D terms rounded in another order differ by about √D·2⁻²⁴·Σ|x·w|: at D = 4096 and
    /// Σ|x·w| = 2¹⁰ by 2⁻⁸, and a probability by less. A wrong kernel is off by far more. Beside
    /// narrow weights some sets round noise to bfloat16, which moves a logit of deviation σ by
    /// σ/800 and its probability by a quarter of that: at σ = 2⁵ by less than 2⁻⁶.
    var kernelTolerance: Float { self == .float32 ? 0x1p-8 : 0x1p-6 }

    /// Largest error of a probability, against the same head in float32.
    ///
    /// Rounding moves a term x·w by 2⁻⁹·³ of itself in bfloat16 (standard deviation of two factors
    /// of 8 bits) and 2⁻⁶·⁶ in int8 (half a step, 1/254 of the largest, of two factors whose
    /// largest is 3⅓ deviations). Logits within 2⁴ are sums of terms of root sum of squares 2² at
    /// most, if one is four deviations; the difference of two moves by √2 of one, a probability by
    /// a quarter of the difference, and four deviations of it are 2⁻⁶·⁸ and 2⁻⁴·¹.
    var probabilityError: Float {
        switch self {
        case .float32: 0
        case .bfloat16: 0x1p-6
        case .int8: 0x1p-4
        }
    }
}
