import CLogitKernels

/// Streaming sums over the nodes of a quadrature rule: the mean and variance of each class's
/// probability and the mean entropy of a softmax. 16·K bytes; only one block of logits exists at a
/// time.
///
/// p and p² are computed and summed in double, class by class in the order of the nodes, so the
/// results are the same bytes for any cut of the nodes into blocks and any number of threads.
package struct NodeMoments: Sendable {
    private var sums: [Double]
    private var squares: [Double]
    private var entropySum = 0.0
    private var weightSum = 0.0

    package init(classCount: Int) {
        precondition(classCount >= 1, "a distribution needs a class")
        sums = Array(repeating: 0, count: classCount)
        squares = Array(repeating: 0, count: classCount)
    }

    /// Adds a block of logits, one row a node, which is overwritten with garbage. Weights are
    /// positive, in any unit.
    package mutating func add(
        _ logits: inout MutableSpan<Float>, weights: [Double], kernel: LogitKernel
    ) {
        precondition(logits.count == weights.count * sums.count, "not nodes×K")
        let rows = kernel.probabilities(&logits, classCount: sums.count, link: .softmax)
        kernel.accumulate(logits, rows: rows, weights: weights, sums: &sums, squares: &squares)
        for (row, weight) in zip(rows, weights) {
            if row.entropy > 0 { entropySum += weight * row.entropy }
            weightSum += weight
        }
    }

    /// The mean of p_k, per class.
    package var means: [Double] { sums.map { $0 / weightSum } }

    /// The variance of p_k, per class.
    package var variances: [Double] {
        zip(sums, squares).map { sum, square in
            let mean = sum / weightSum
            let variance = square / weightSum - mean * mean
            return variance > 0 ? variance : 0
        }
    }

    /// The mean of the entropy, in nats.
    package var expectedEntropy: Double { entropySum / weightSum }
}

extension LogitKernel {
    /// Adds the block's probabilities and their squares, times the weights of their rows, to `sums`
    /// and `squares`. Ranges of classes are shared out to the threads.
    fileprivate func accumulate(
        _ values: borrowing MutableSpan<Float>, rows: [logit_row_sums], weights: [Double],
        sums: inout [Double], squares: inout [Double]
    ) {
        let parts = partCount(values.count, items: sums.count)
        unsafe values.withUnsafeBufferPointer { values in
            unsafe rows.withUnsafeBufferPointer { rows in
                unsafe weights.withUnsafeBufferPointer { weights in
                    unsafe sums.withUnsafeMutableBufferPointer { sums in
                        unsafe squares.withUnsafeMutableBufferPointer { squares in
                            unsafe accumulate(values, rows, weights, parts, sums, squares)
                        }
                    }
                }
            }
        }
    }

    private func accumulate(
        _ values: UnsafeBufferPointer<Float>, _ rows: UnsafeBufferPointer<logit_row_sums>,
        _ weights: UnsafeBufferPointer<Double>, _ parts: Int,
        _ sums: UnsafeMutableBufferPointer<Double>, _ squares: UnsafeMutableBufferPointer<Double>
    ) {
        let (classCount, nodeCount, table) = (sums.count, rows.count, table)
        // Parts have disjoint classes, and the pool returns before the pointers expire.
        nonisolated(unsafe) let (values, rows, weights, sums, squares) = (
            values.baseAddress, rows.baseAddress, weights.baseAddress, sums.baseAddress,
            squares.baseAddress
        )
        pool.forEach(parts) { part in
            let first = classCount * part / parts
            let size = classCount * (part + 1) / parts - first
            unsafe table.quadrature.accumulate_weighted(
                values.map { unsafe $0 + first }, classCount, nodeCount, size, rows, weights,
                sums.map { unsafe $0 + first }, squares.map { unsafe $0 + first })
        }
    }
}
