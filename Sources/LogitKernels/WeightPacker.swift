/// Packs weights that arrive a few rows at a time, so that a large matrix need not lie in memory
/// beside its panels.
package struct WeightPacker: ~Copyable {
    private let weights: PackedWeights
    private let layout: PackedWeights.Layout
    private var measuredCount = 0
    private var rowCount = 0

    /// For a source of `[K, D]` or `[D, K]`, as `layout` says; both at least 0, D at most the
    /// format's `maxInputCount`. Allocates the panels.
    package init(
        outputCount: Int, inputCount: Int, layout: PackedWeights.Layout,
        format: WeightFormat = .float32
    ) throws(MemoryShortage) {
        precondition(outputCount >= 0 && inputCount >= 0, "negative shape")
        weights = try PackedWeights(
            outputCount: outputCount, inputCount: inputCount, format: format)
        self.layout = layout
    }

    /// Floats of a row of the source.
    package var rowWidth: Int {
        layout == .outputMajor ? weights.inputCount : weights.outputCount
    }

    private var totalCount: Int {
        layout == .outputMajor ? weights.outputCount : weights.inputCount
    }

    /// Rows of the source that are still to come.
    package var missingRowCount: Int { totalCount - rowCount }

    /// Rows that `measure` has to see before the first `append`: all of a `[D, K]` source that
    /// becomes int8, since the scale of an output takes all of its weights; else none.
    package var unmeasuredRowCount: Int {
        weights.format == .int8 && layout == .inputMajor ? totalCount - measuredCount : 0
    }

    /// Takes note of the next rows to measure: any number of whole ones.
    package mutating func measure(_ rows: Span<Float>) {
        let count = wholeRows(of: rows)
        precondition(count <= unmeasuredRowCount, "more rows than there are to measure")
        weights.measure(rows, first: measuredCount, rowCount: count, layout)
        measuredCount += count
    }

    /// Packs the next rows: any number of whole ones, at most the missing ones. Fastest with
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

    /// The weights, once all rows are there.
    package consuming func finish() -> PackedWeights {
        precondition(rowWidth == 0 || missingRowCount == 0, "rows are missing")
        return weights
    }
}
