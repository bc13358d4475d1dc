import CLogitKernels

/// The arithmetic of every head, on one instruction set and one pool of threads.
///
/// Matrices are row-major. Every number written depends only on its own inputs: not on the rest of
/// the batch, its row, the alignment of the spans, or the number of threads. Nothing here allocates
/// per value. Shapes that do not match are programming errors and trap.
package struct LogitKernel: Sendable {
    /// Multiply-adds below which `dense` and `affineLogits` stay on the calling thread: about
    /// 50 µs of work, where waking the pool takes some 10 µs.
    package static let parallelProducts = 1 << 18

    /// Exponentials below which `SampleMoments.add` stays on the calling thread: about 80 µs.
    package static let parallelExponentials = 1 << 14

    /// Normals below which `NoiseDraws` stays on the calling thread: about 40 µs.
    static let parallelNormals = 1 << 14

    /// The threads that large calls are shared out to.
    package let pool: ComputePool
    /// The instructions of the kernels.
    package let instructionSet: InstructionSet
    let table: KernelTable
    let shelf: ScratchShelf

    /// `instructionSet` must be supported by this machine.
    package init(pool: ComputePool, instructionSet: InstructionSet = .best) {
        self.pool = pool
        self.instructionSet = instructionSet
        table = KernelTable(instructionSet)
        shelf = ScratchShelf()
    }

    /// The same arithmetic on the threads of another pool, with the same store of scratch memory.
    package init(_ other: LogitKernel, pool: ComputePool) {
        self.pool = pool
        (instructionSet, table, shelf) = (other.instructionSet, other.table, other.shelf)
    }

    /// Computes output[b,k] = bias[k] + Σ_d inputs[b,d] · w[k,d].
    ///
    /// `inputs` is B×D with B = `rowCount`, `output` B×K, overwritten. The sum runs in float in the
    /// order of d, the bias last. For weights and inputs as rounded to the weights' format, its
    /// error is at most γ(D+1) (|bias| + Σ|x·w|), with γ(n) = n·2⁻²⁴ / (1 - n·2⁻²⁴). Sums of int8
    /// are exact instead, and the same on every instruction set. Allocates nothing.
    package func dense(
        _ inputs: Span<Float>, rowCount: Int, _ weights: PackedWeights, bias: Span<Float>?,
        into output: inout MutableSpan<Float>
    ) {
        let classes = weights.outputCount
        precondition(rowCount >= 0 && inputs.count == rowCount * weights.inputCount, "inputs")
        precondition(output.count == rowCount * classes, "output is not B×K")
        if let bias { precondition(bias.count == classes, "bias is not K wide") }
        guard !output.isEmpty else { return }
        let parts = TileSplit(
            classCount: classes, rowCount: rowCount, productsPerOutput: weights.inputCount,
            threadCount: pool.threadCount)
        unsafe output.withUnsafeMutableBufferPointer { output in
            let target = output.baseAddress
            unsafe inputs.withUnsafeBufferPointer { inputs in
                let source = inputs.baseAddress
                unsafe weights.withKernelWeights { weights in
                    unsafe withOptionalPointer(bias) { bias in
                        unsafe denseTiles(parts, source, weights, bias, target)
                    }
                }
            }
        }
    }

    private func denseTiles(
        _ parts: TileSplit, _ inputs: UnsafePointer<Float>?,
        _ weights: UnsafePointer<logit_weights>,
        _ bias: UnsafePointer<Float>?, _ output: UnsafeMutablePointer<Float>?
    ) {
        let table = table
        // Tiles write disjoint parts of `output`, and the pool returns before the pointers expire.
        nonisolated(unsafe) let (inputs, weights, bias, output) = unsafe (
            inputs, weights, bias, output
        )
        pool.forEach(parts.count) { part in
            let (tile, rows) = parts[part]
            let (width, classes) = unsafe (
                weights.pointee.input_count, weights.pointee.output_count
            )
            unsafe table.products.dense(
                inputs.map { unsafe $0 + rows.lowerBound * width }, rows.count, weights,
                tile.lowerBound, tile.count, bias,
                output.map { unsafe $0 + rows.lowerBound * classes }, classes)
        }
    }

    /// Computes the logits of all rows for a range of classes that begins at a panel, on the
    /// calling thread; `output` is B×K.
    func denseTile(
        _ inputs: UnsafePointer<Float>?, _ rowCount: Int, _ weights: PackedWeights,
        _ classes: Range<Int>, _ output: UnsafeMutablePointer<Float>?
    ) {
        unsafe weights.withKernelWeights { weights in
            unsafe table.products.dense(
                inputs, rowCount, weights, classes.lowerBound, classes.count, nil, output,
                weights.pointee.output_count)
        }
    }

    /// Writes the scores of some rows of a table against one or more vectors:
    /// output[v,i] = Σ_j table[rows.lowerBound + i, j] · vectors[v,j].
    ///
    /// `table` is n×`width`, `rows` lies in 0..<n, `vectors` is `vectorCount`×`width`, `output`
    /// `vectorCount`×`rows.count`, overwritten. The rows are read once for several vectors. Runs on
    /// the calling thread.
    package func rowScores(
        _ table: Span<Float>, width: Int, rows: Range<Int>, _ vectors: Span<Float>,
        vectorCount: Int = 1, into output: inout MutableSpan<Float>
    ) {
        precondition(width >= 0 && vectorCount >= 0, "negative shape")
        precondition(vectors.count == vectorCount * width, "vectors are not as wide as the table")
        precondition(rows.lowerBound >= 0 && rows.upperBound * width <= table.count, "rows")
        precondition(output.count == vectorCount * rows.count, "output has no place for each score")
        let chosen = table.extracting(rows.lowerBound * width..<rows.upperBound * width)
        unsafe chosen.withUnsafeBufferPointer { chosen in
            unsafe vectors.withUnsafeBufferPointer { vectors in
                unsafe output.withUnsafeMutableBufferPointer { output in
                    unsafe self.table.products.row_scores(
                        chosen.baseAddress, width, rows.count, vectors.baseAddress, vectorCount,
                        output.baseAddress, rows.count)
                }
            }
        }
    }
}

/// Calls `body` with the span's address, or nil when there is no span.
func withOptionalPointer<Result>(
    _ span: Span<Float>?, _ body: (UnsafePointer<Float>?) -> Result
) -> Result {
    guard let span else { return body(nil) }
    return unsafe span.withUnsafeBufferPointer { unsafe body($0.baseAddress) }
}
