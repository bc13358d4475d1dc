/// Packs weights that arrive a few rows at a time, so that a large matrix need not be in memory
/// together with its panels.
package struct WeightPacker: ~Copyable {
    private let weights: PackedWeights
    private let layout: PackedWeights.Layout
    private var measuredCount = 0
    private var rowCount = 0

    /// Allocates the panels for a source of `[K, D]` or `[D, K]`, depending on `layout`. K and D
    /// are at least 0, and D is at most the format's `maxInputCount`.
    package init(
        outputCount: Int, inputCount: Int, layout: PackedWeights.Layout,
        format: WeightFormat = .float32
    ) throws(MemoryShortage) {
        precondition(outputCount >= 0 && inputCount >= 0, "negative shape")
        weights = try PackedWeights(
            outputCount: outputCount, inputCount: inputCount, format: format)
        self.layout = layout
    }

    /// Floats in a row of the source.
    package var rowWidth: Int {
        layout == .outputMajor ? weights.inputCount : weights.outputCount
    }

    private var totalCount: Int {
        layout == .outputMajor ? weights.outputCount : weights.inputCount
    }

    /// Rows of the source that are still to come.
    package var missingRowCount: Int { totalCount - rowCount }

    /// Rows that `measure` must still see before the first `append`: those of a `[D, K]` source
    /// that becomes int8, since the scale of an output depends on all of its weights; else none.
    package var unmeasuredRowCount: Int {
        weights.format == .int8 && layout == .inputMajor ? totalCount - measuredCount : 0
    }

    /// Measures the next rows, any number of whole rows.
    package mutating func measure(_ rows: Span<Float>) {
        let count = wholeRows(of: rows)
        precondition(count <= unmeasuredRowCount, "more rows than there are to measure")
        weights.measure(rows, first: measuredCount, rowCount: count, layout)
        measuredCount += count
    }

    /// Packs the next rows, any number of whole rows up to `missingRowCount`. Fastest with
    /// multiples of 32 rows of `[K, D]`, and with many rows of `[D, K]`.
    package mutating func append(_ rows: Span<Float>) {
        let count = wholeRows(of: rows)
        precondition(count <= missingRowCount, "more rows than the weights have")
        precondition(unmeasuredRowCount == 0, "rows are not measured")
        if layout == .outputMajor {
            weights.measure(rows, first: rowCount, rowCount: count, layout)
        }
        weights.write(rows, first: rowCount, rowCount: count, layout)
        rowCount += count
    }

    private func wholeRows(of rows: Span<Float>) -> Int {
        precondition(rowWidth > 0 && rows.count.isMultiple(of: rowWidth), "not whole rows")
        return rows.count / rowWidth
    }

    /// Returns the weights after all rows have been packed.
    package consuming func finish() -> PackedWeights {
        precondition(rowWidth == 0 || missingRowCount == 0, "rows are missing")
        return weights
    }
}
