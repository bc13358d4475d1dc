import CLogitKernels

/// A set of machine instructions with kernels of its own; the raw value is its name for users.
/// `baseline` runs on every machine and defines the results; the others are tested against it.
package enum InstructionSet: String, CaseIterable, Sendable {
    /// The compiler's defaults: SSE2, or NEON without fused multiply-adds.
    case baseline
    /// AVX2 and FMA.
    case avx2
    /// AVX-512 F, BW, VL and DQ.
    case avx512
    /// AVX-512 with BF16 and VNNI.
    case avx512BFloat16 = "avx512-bf16"
    /// NEON with fused multiply-adds.
    case neon
    /// NEON with the byte dot products of Armv8.2.
    case neonDotProduct = "neon-dotprod"

    /// The fastest set that this processor has and this operating system lets programs use.
    /// Determined once.
    package static let best: InstructionSet = {
        let name = unsafe String(cString: logit_kernels_best().pointee.name)
        return InstructionSet(rawValue: name) ?? .baseline
    }()

    /// Whether this machine can run the set.
    package var isSupported: Bool { unsafe logit_kernels_named(rawValue) != nil }

    /// The format of noise for weights in `weights`: bfloat16 only if the set has kernels for it.
    package func noiseFormat(for weights: WeightFormat) -> WeightFormat {
        let isNarrow = KernelTable(self).sampling.has_bfloat16_noise
        return weights.noisePrecision == .bfloat16 && isNarrow ? .bfloat16 : .float32
    }

    /// The sets that this machine can run, the best of them last.
    package static var supported: [InstructionSet] { allCases.filter(\.isSupported) }
}

/// The C functions of one instruction set, looked up once.
// Safety: the pointer leads to a constant with static storage; nothing ever writes to it.
@safe struct KernelTable: @unchecked Sendable {
    private let pointer: UnsafePointer<logit_kernels>

    /// `instructionSet` must be one that this machine can run.
    init(_ instructionSet: InstructionSet) {
        guard let pointer = unsafe logit_kernels_named(instructionSet.rawValue) else {
            preconditionFailure("this machine has no \(instructionSet.rawValue)")
        }
        unsafe self.pointer = pointer
    }

    var products: logit_product_kernels { unsafe pointer.pointee.products }
    var maps: logit_map_kernels { unsafe pointer.pointee.maps }
    var links: logit_link_kernels { unsafe pointer.pointee.links }
    var sampling: logit_sampling_kernels { unsafe pointer.pointee.sampling }
    var quadrature: logit_quadrature_kernels { unsafe pointer.pointee.quadrature }
    var measuring: logit_measuring_kernels { unsafe pointer.pointee.measuring }
}
