import CLogitKernels

extension LogitKernel {
    /// Writes the same bits as `dense` for the same rows with their zeros.
    ///
    /// Writes the output rows of `inputs`, each once, and no others. `output` is B×K, `bias` is K
    /// wide, and `inputs` have the format of the weights. For each panel of 32 classes, a word of a
    /// row reads 128 bytes of weights at a random place: O(n·K) for n values. Allocates nothing.
    package func sparse(
        _ inputs: SparseInputs, _ weights: PackedWeights, bias: Span<Float>?,
        into output: inout MutableSpan<Float>
    ) {
        let classes = weights.outputCount
        precondition(inputs.format == weights.format, "words of another format")
        precondition(inputs.width <= weights.inputCount, "a column outside the weights")
        precondition(output.count >= inputs.outputRowCount * classes, "output is not B×K")
        if let bias { precondition(bias.count == classes, "bias is not K wide") }
        guard !inputs.rows.isEmpty, classes > 0 else { return }
        let parts = TileSplit(
            classCount: classes, rowCount: inputs.rows.count,
            productsPerOutput: inputs.wordCount / inputs.rows.count, threadCount: pool.threadCount)
        unsafe output.withUnsafeMutableBufferPointer { output in
            unsafe inputs.rows.withUnsafeBufferPointer { rows in
                unsafe inputs.words.withUnsafeBufferPointer { words in
                    unsafe weights.withKernelWeights { weights in
                        unsafe withOptionalPointer(bias) { bias in
                            unsafe sparseTiles(
                                parts, rows.baseAddress, words.baseAddress, weights, bias,
                                output.baseAddress)
                        }
                    }
                }
            }
        }
    }

    private func sparseTiles(
        _ parts: TileSplit, _ rows: UnsafePointer<logit_sparse_row>?,
        _ words: UnsafePointer<logit_sparse_word>?, _ weights: UnsafePointer<logit_weights>,
        _ bias: UnsafePointer<Float>?, _ output: UnsafeMutablePointer<Float>?
    ) {
        let table = table
        // Tiles write disjoint parts of `output`, and the pool returns before the pointers expire.
        nonisolated(unsafe) let (rows, words, weights, bias, output) = unsafe (
            rows, words, weights, bias, output
        )
        pool.forEach(parts.count) { part in
            let (tile, range) = parts[part]
            unsafe table.products.sparse(
                rows.map { unsafe $0 + range.lowerBound }, range.count, words, weights,
                tile.lowerBound, tile.count, bias, output, weights.pointee.output_count)
        }
    }
}
