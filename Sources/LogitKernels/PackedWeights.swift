import CLogitKernels

/// K×D weights, packed once for the dense kernel: panels of 16 outputs, `[ceil(K / 16)][D][16]`,
/// the last panel padded with zeros, 64-byte aligned. 4·16·ceil(K / 16)·D bytes.
// Safety: the panels are written while a `WeightPacker` is their only owner, and read-only from
// then on.
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

    /// Panels whose padding is zero and whose weights are still to be written.
    fileprivate init(outputCount: Int, inputCount: Int) {
        self.outputCount = outputCount
        self.inputCount = inputCount
        let panelCount = (outputCount + laneCount - 1) / laneCount
        let bytes = UnsafeMutableRawBufferPointer.allocate(
            byteCount: panelCount * laneCount * inputCount * MemoryLayout<Float>.stride,
            alignment: panelAlignment)
        unsafe panels = bytes.bindMemory(to: Float.self)
        if !outputCount.isMultiple(of: laneCount) {
            let last = unsafe panels.dropFirst((panelCount - 1) * laneCount * inputCount)
            unsafe UnsafeMutableBufferPointer(rebasing: last).update(repeating: 0)
        }
    }

    /// Copies `values`, which must be exactly K·D floats.
    package convenience init(
        _ values: Span<Float>, outputCount: Int, inputCount: Int, layout: Layout
    ) {
        precondition(outputCount >= 0 && inputCount >= 0, "negative shape")
        precondition(values.count == outputCount * inputCount, "weights do not fill K×D")
        self.init(outputCount: outputCount, inputCount: inputCount)
        let rowCount = layout == .outputMajor ? outputCount : inputCount
        write(values, first: 0, rowCount: rowCount, layout)
    }

    deinit { unsafe UnsafeMutableRawBufferPointer(panels).deallocate() }

    /// Calls `body` with the first float of panel 0.
    func withPanels(_ body: (UnsafePointer<Float>?) -> Void) {
        unsafe body(UnsafePointer(panels.baseAddress))
    }

    /// Writes rows of the source from row `first` on.
    fileprivate func write(_ rows: Span<Float>, first: Int, rowCount: Int, _ layout: Layout) {
        unsafe rows.withUnsafeBufferPointer { rows in
            unsafe logit_pack_rows(
                rows.baseAddress, first, rowCount, outputCount, inputCount,
                layout == .outputMajor, panels.baseAddress)
        }
    }
}

/// Packs weights that arrive a few rows at a time, so that a large matrix need not lie in memory
/// beside its panels.
package struct WeightPacker: ~Copyable {
    private let weights: PackedWeights
    private let layout: PackedWeights.Layout
    private var rowCount = 0

    /// For a source of `[K, D]` or `[D, K]`, as `layout` says; both at least 0. Allocates the
    /// panels.
    package init(outputCount: Int, inputCount: Int, layout: PackedWeights.Layout) {
        precondition(outputCount >= 0 && inputCount >= 0, "negative shape")
        weights = PackedWeights(outputCount: outputCount, inputCount: inputCount)
        self.layout = layout
    }

    /// Floats of a row of the source.
    package var rowWidth: Int {
        layout == .outputMajor ? weights.inputCount : weights.outputCount
    }

    /// Rows of the source that are still to come.
    package var missingRowCount: Int {
        (layout == .outputMajor ? weights.outputCount : weights.inputCount) - rowCount
    }

    /// Packs the next rows: any number of whole ones, at most the missing ones. Fastest with
    /// multiples of 16 rows of `[K, D]`, and with many rows of `[D, K]`.
    package mutating func append(_ rows: Span<Float>) {
        precondition(rowWidth > 0 && rows.count.isMultiple(of: rowWidth), "not whole rows")
        let count = rows.count / rowWidth
        precondition(count <= missingRowCount, "more rows than the weights have")
        weights.write(rows, first: rowCount, rowCount: count, layout)
        rowCount += count
    }

    /// The weights, once all rows are there.
    package consuming func finish() -> PackedWeights {
        precondition(rowWidth == 0 || missingRowCount == 0, "rows are missing")
        return weights
    }
}

/// Bytes: a cache line, and the widest vector there is.
private let panelAlignment = 64

/// Outputs in a panel, and lanes in every fixed-order sum.
let laneCount = Int(LOGIT_LANES)
