import CLogitKernels

/// K×D weights, packed once for the dense kernels of every instruction set: panels of 32 outputs,
/// `[ceil(K / 32)][words][32]` with the weights of 1, 2 or 4 inputs in a 32-bit word, 64-byte
/// aligned. 4·32·ceil(K / 32)·words bytes, and 4·K for the scales of int8.
// Safety: panels and scales are written while a `WeightPacker` is their only owner, and read-only
// after that.
@safe package final class PackedWeights: @unchecked Sendable {
    /// The shape of the source, row-major in both cases.
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
    /// The format the weights were rounded to.
    package let format: WeightFormat

    /// Not an array of SIMD16<UInt32>, whose elements are not aligned to 64 bytes.
    let panels: UnsafeMutableBufferPointer<UInt32>
    private let scales: UnsafeMutableBufferPointer<Float>

    /// Allocates panels with zero padding, whose weights are still to be written.
    init(outputCount: Int, inputCount: Int, format: WeightFormat) throws(MemoryShortage) {
        precondition(inputCount <= format.maxInputCount, "sums would not fit 32 bits")
        (self.outputCount, self.inputCount, self.format) = (outputCount, inputCount, format)
        let panelWords = logit_words(format.kernelFormat, inputCount) * panelWidth
        let panelCount = (outputCount + panelWidth - 1) / panelWidth
        let wordCount = panelCount * panelWords
        let bytes = unsafe try LargeMemory.allocate(
            byteCount: wordCount * MemoryLayout<UInt32>.stride)
        unsafe panels = UnsafeMutableBufferPointer(
            rebasing: bytes.bindMemory(to: UInt32.self)[..<wordCount])
        unsafe scales = .allocate(capacity: format == .int8 ? outputCount : 0)
        unsafe scales.initialize(repeating: 0)
        clearPadding(panelCount: panelCount, panelWords: panelWords)
    }

    /// Zeroes the last word of every output, which may have more places than inputs, and the last
    /// panel.
    private func clearPadding(panelCount: Int, panelWords: Int) {
        guard panelWords > 0 else { return }
        for panel in 0..<panelCount {
            let isWhole = panel < panelCount - 1 || outputCount.isMultiple(of: panelWidth)
            let size = isWhole ? panelWidth : panelWords
            let end = (panel + 1) * panelWords
            unsafe UnsafeMutableBufferPointer(rebasing: panels[(end - size)..<end])
                .update(repeating: 0)
        }
    }

    /// Packs `values`, which must be exactly K·D floats; D is at most the format's `maxInputCount`.
    /// Ends the process if there is no memory.
    package convenience init(
        _ values: Span<Float>, outputCount: Int, inputCount: Int, layout: Layout,
        format: WeightFormat = .float32
    ) {
        precondition(outputCount >= 0 && inputCount >= 0, "negative shape")
        precondition(values.count == outputCount * inputCount, "weights do not fill K×D")
        do throws(MemoryShortage) {
            try self.init(outputCount: outputCount, inputCount: inputCount, format: format)
        } catch {
            preconditionFailure("no memory for \(error.byteCount) bytes of weights")
        }
        let rowCount = layout == .outputMajor ? outputCount : inputCount
        measure(values, first: 0, rowCount: rowCount, layout)
        write(values, first: 0, rowCount: rowCount, layout)
    }

    deinit {
        unsafe LargeMemory.deallocate(UnsafeMutableRawBufferPointer(panels))
        unsafe scales.deallocate()
    }

    /// Calls `body` with the kernels' view of the weights.
    func withKernelWeights(_ body: (UnsafePointer<logit_weights>) -> Void) {
        var weights = unsafe kernelWeights
        unsafe body(&weights)
    }

    private var kernelWeights: logit_weights {
        unsafe logit_weights(
            format: format.kernelFormat, output_count: outputCount, input_count: inputCount,
            panels: panels.baseAddress, scales: scales.baseAddress)
    }

    /// For int8: raises the scales as far as the weights of the source's rows from `first` on need.
    func measure(_ rows: Span<Float>, first: Int, rowCount: Int, _ layout: Layout) {
        guard format == .int8 else { return }
        unsafe rows.withUnsafeBufferPointer { rows in
            unsafe logit_measure_rows(
                rows.baseAddress, first, rowCount, layout == .outputMajor, outputCount, inputCount,
                scales.baseAddress)
        }
    }

    /// Packs rows of the source from row `first` on.
    func write(_ rows: Span<Float>, first: Int, rowCount: Int, _ layout: Layout) {
        unsafe rows.withUnsafeBufferPointer { rows in
            unsafe withKernelWeights { weights in
                unsafe logit_pack_rows(
                    rows.baseAddress, first, rowCount, layout == .outputMajor, weights,
                    panels.baseAddress)
            }
        }
    }
}

/// Outputs in a panel.
let panelWidth = Int(LOGIT_PANEL)

/// Lanes in every fixed-order sum.
let laneCount = Int(LOGIT_LANES)
