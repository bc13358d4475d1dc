import CLogitKernels

/// A set of machine instructions that has kernels of its own, by the name that users give it.
/// `baseline` runs on every machine and defines the results; the others are tested against it.
package enum InstructionSet: String, CaseIterable, Sendable {
    /// Whatever the compiler takes for granted: SSE2, or NEON without fused multiply-adds.
    case baseline
    /// AVX2 and FMA.
    case avx2
    /// AVX-512 F, BW, VL and DQ.
    case avx512
    /// AVX-512 with BF16 and VNNI.
    case avx512BFloat16 = "avx512-bf16"
    /// NEON with fused multiply-adds.
    case neon
    /// NEON with the dot products of bytes of Armv8.2.
    case neonDotProduct = "neon-dotprod"

    /// The fastest set that this processor has and this operating system lets programs use. Asked
    /// once.
    package static let best: InstructionSet = {
        let name = unsafe String(cString: logit_kernels_best().pointee.name)
        return InstructionSet(rawValue: name) ?? .baseline
    }()

    /// Whether this machine can run the set.
    package var isSupported: Bool { unsafe logit_kernels_named(rawValue) != nil }

    /// The sets that this machine can run, the best one last.
    package static var supported: [InstructionSet] { allCases.filter(\.isSupported) }
}

/// The C functions of one instruction set, looked up once.
// Safety: the pointer leads to a constant with static storage; nothing ever writes to it.
@safe struct KernelTable: @unchecked Sendable {
    private let pointer: UnsafePointer<logit_kernels>

    /// The set must be one this machine can run.
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
    var measuring: logit_measuring_kernels { unsafe pointer.pointee.measuring }
}
