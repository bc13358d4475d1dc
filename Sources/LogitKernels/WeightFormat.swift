import CLogitKernels

/// The format of weights in memory, chosen when a model is loaded.
package enum WeightFormat: String, CaseIterable, Sendable {
    /// 4 bytes per weight; logits are exact up to the roundings of float.
    case float32
    /// 2 bytes per weight. Weights and inputs are rounded to 8 bits of mantissa: the relative error
    /// of a product is at most 2⁻⁷; sums are as for `float32`.
    case bfloat16
    /// 1 byte per weight. Weights are integers from -127 to 127 times a scale of their output,
    /// inputs are such integers times a scale of their row: the error of a product is at most 1/127
    /// of the largest product that the output's weights and the row's inputs could have. Sums are
    /// exact.
    case int8

    /// Limit of D, so that a sum of products of integers fits 32 bits: 2¹⁷ · 127² < 2³¹.
    package var maxInputCount: Int { self == .int8 ? 1 << 17 : .max }

    /// The format's name among the kernels.
    var kernelFormat: logit_format {
        switch self {
        case .float32: LOGIT_FLOAT32
        case .bfloat16: LOGIT_BFLOAT16
        case .int8: LOGIT_INT8
        }
    }
}
