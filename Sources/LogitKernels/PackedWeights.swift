import CLogitKernels

/// K×D weights, packed once for the dense kernel: panels of 16 outputs, `[ceil(K / 16)][D][16]`,
/// the last panel padded with zeros, 64-byte aligned. 4·16·ceil(K / 16)·D bytes.
// Safety: the panels are written in init alone and read-only from then on.
@safe package final class PackedWeights: @unchecked Sendable {
    /// How the source lies in memory, row-major either way.
    package enum Layout: Sendable {
        /// `[K, D]`, as PyTorch stores a linear layer.
        case outputMajor
        /// `[D, K]`, as JAX stores a dense kernel.
        case inputMajor
    }

    /// K.
    package let outputCount: Int
    /// D.
    package let inputCount: Int

    /// An array of SIMD16<Float> would not do: its elements are not aligned to 64 bytes.
    private let panels: UnsafeMutableBufferPointer<Float>

    /// Copies `values`, which must be exactly K·D floats.
    package init(_ values: Span<Float>, outputCount: Int, inputCount: Int, layout: Layout) {
        precondition(outputCount >= 0 && inputCount >= 0, "negative shape")
        precondition(values.count == outputCount * inputCount, "weights do not fill K×D")
        self.outputCount = outputCount
        self.inputCount = inputCount
        let count = (outputCount + laneCount - 1) / laneCount * laneCount * inputCount
        let bytes = UnsafeMutableRawBufferPointer.allocate(
            byteCount: count * MemoryLayout<Float>.stride, alignment: panelAlignment)
        unsafe panels = bytes.bindMemory(to: Float.self)
        unsafe values.withUnsafeBufferPointer { source in
            unsafe logit_pack_panels(
                source.baseAddress, outputCount, inputCount, layout == .outputMajor,
                panels.baseAddress)
        }
    }

    deinit { unsafe UnsafeMutableRawBufferPointer(panels).deallocate() }

    /// Calls `body` with the first float of panel 0.
    func withPanels(_ body: (UnsafePointer<Float>?) -> Void) {
        unsafe body(UnsafePointer(panels.baseAddress))
    }
}

/// Bytes: a cache line, and the widest vector there is.
private let panelAlignment = 64

/// Outputs in a panel, and lanes in every fixed-order sum.
let laneCount = Int(LOGIT_LANES)
