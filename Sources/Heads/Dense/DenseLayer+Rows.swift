internal import LogitKernels
internal import Predictions

extension DenseLayer {
    /// B×`outputCount`. Each sparse row goes through the kernel that costs less for it alone,
    /// whatever its batch mates are; the bits are the same either way.
    func apply(_ rows: FeatureRows, _ kernel: LogitKernel) -> [Float] {
        if let range = rows.matrixRange {
            return [Float](count: rows.count * outputCount) { outputs in
                apply(
                    rows.dense.span.extracting(range), rowCount: rows.count, kernel,
                    into: &outputs)
            }
        }
        var sparse: [SparseRow] = []
        var others: [Int] = []
        for (index, place) in rows.places.enumerated() {
            if case .sparse(let range) = place, weights.favorsSparse(count: range.count) {
                sparse.append(SparseRow(range, outputRow: index))
            } else {
                others.append(index)
            }
        }
        if sparse.isEmpty {
            return apply(rows.matrix(of: others), rowCount: others.count, kernel)
        }
        var outputs = [Float](repeating: 0, count: rows.count * outputCount)
        applySparse(rows, sparse, kernel, to: &outputs)
        let matrix = apply(rows.matrix(of: others), rowCount: others.count, kernel)
        for (place, index) in others.enumerated() {
            outputs.replaceSubrange(
                index * outputCount..<(index + 1) * outputCount,
                with: matrix.matrixRow(place, width: outputCount))
        }
        return outputs
    }

    private func applySparse(
        _ rows: FeatureRows, _ sparse: [SparseRow], _ kernel: LogitKernel,
        to outputs: inout [Float]
    ) {
        let inputs = SparseInputs(
            columns: rows.columns.span, values: rows.values.span, rows: sparse,
            format: weights.format)
        var span = outputs.mutableSpan
        if let bias {
            kernel.sparse(inputs, weights, bias: bias.span, into: &span)
        } else {
            kernel.sparse(inputs, weights, bias: nil, into: &span)
        }
    }
}

extension FeatureRows {
    /// The given rows, ascending, as a row-major matrix.
    fileprivate func matrix(of rows: [Int]) -> [Float] {
        var matrix: [Float] = []
        matrix.reserveCapacity(rows.count * width)
        for row in rows { appendDense(row, to: &matrix) }
        return matrix
    }
}
