import CLogitKernels

extension LogitKernel {
    /// Lends the products of the rows of `columns` (n×D) with weights to `body`, n×K without bias.
    ///
    /// Weights in bfloat16 are multiplied with the last row in full float32 precision, as three
    /// rows of bfloat16 that add up to it. One reading of the weights, n·K·D multiply-adds.
    package func withLogitRows<Result>(
        columns: Span<Float>, through weights: PackedWeights, _ body: (Span<Float>) -> Result
    ) -> Result {
        let (width, classCount) = (weights.inputCount, weights.outputCount)
        precondition(!columns.isEmpty && columns.count % width == 0, "columns are not rows×D")
        let rowCount = columns.count / width
        guard weights.format == .bfloat16 else {
            return withScratch(count: rowCount * classCount) { rows in
                dense(columns, rowCount: rowCount, weights, bias: nil, into: &rows)
                return body(rows.span)
            }
        }
        let parts = Self.splitMean(columns, width: width)
        return withScratch(count: (rowCount + 2) * classCount) { rows in
            dense(parts.span, rowCount: rowCount + 2, weights, bias: nil, into: &rows)
            let last = (rowCount - 1) * classCount
            for k in last..<last + classCount {
                rows[k] += rows[k + classCount] + rows[k + 2 * classCount]
            }
            return body(rows.span.extracting(first: rowCount * classCount))
        }
    }
}
