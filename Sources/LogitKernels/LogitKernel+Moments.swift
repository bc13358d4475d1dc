import CLogitKernels

extension LogitKernel {
    /// Turns the logits of a block, samples × classes, in place into probabilities that are still
    /// to be multiplied by the scale of their row. Whole samples are shared out to the threads, so
    /// that one thread takes all sums of a sample.
    func probabilities(
        _ logits: inout MutableSpan<Float>, classCount: Int, link: SampleMoments.Link
    ) -> [logit_row_sums] {
        let sampleCount = logits.count / classCount
        var rows = Array(repeating: logit_row_sums(), count: sampleCount)
        let parts = partCount(logits.count, items: sampleCount)
        unsafe logits.withUnsafeMutableBufferPointer { logits in
            unsafe rows.withUnsafeMutableBufferPointer { rows in
                unsafe probabilities(logits, classCount, link, parts, rows)
            }
        }
        return rows
    }

    private func probabilities(
        _ logits: UnsafeMutableBufferPointer<Float>, _ classCount: Int, _ link: SampleMoments.Link,
        _ parts: Int, _ rows: UnsafeMutableBufferPointer<logit_row_sums>
    ) {
        let (sampleCount, table) = (rows.count, table)
        // Parts have disjoint samples, and the pool returns before the pointers expire.
        nonisolated(unsafe) let (logits, rows) = (logits.baseAddress, rows.baseAddress)
        pool.forEach(parts) { part in
            let first = sampleCount * part / parts
            let size = sampleCount * (part + 1) / parts - first
            let kernels = table.links
            let kernel =
                switch link {
                case .softmax: unsafe kernels.exponentiate
                case .sigmoid: unsafe kernels.sigmoid_rows
                }
            unsafe kernel(
                logits.map { unsafe $0 + first * classCount }, size, classCount,
                rows.map { unsafe $0 + first })
        }
    }

    /// Adds the block's probabilities and their squares to `sums` and `squares`, class by class in
    /// the order of the samples. Ranges of classes are shared out to the threads.
    func accumulate(
        _ values: borrowing MutableSpan<Float>, rows: [logit_row_sums],
        sums: inout [Double], squares: inout [Double]
    ) {
        let parts = partCount(values.count, items: sums.count)
        unsafe values.withUnsafeBufferPointer { values in
            unsafe rows.withUnsafeBufferPointer { rows in
                unsafe sums.withUnsafeMutableBufferPointer { sums in
                    unsafe squares.withUnsafeMutableBufferPointer { squares in
                        unsafe accumulate(values, rows, parts, sums, squares)
                    }
                }
            }
        }
    }

    private func accumulate(
        _ values: UnsafeBufferPointer<Float>, _ rows: UnsafeBufferPointer<logit_row_sums>,
        _ parts: Int, _ sums: UnsafeMutableBufferPointer<Double>,
        _ squares: UnsafeMutableBufferPointer<Double>
    ) {
        let (classCount, sampleCount, table) = (sums.count, rows.count, table)
        // Parts have disjoint classes, and the pool returns before the pointers expire.
        nonisolated(unsafe) let (values, rows, sums, squares) = (
            values.baseAddress, rows.baseAddress, sums.baseAddress, squares.baseAddress
        )
        pool.forEach(parts) { part in
            let first = classCount * part / parts
            let size = classCount * (part + 1) / parts - first
            unsafe table.sampling.accumulate(
                values.map { unsafe $0 + first }, classCount, sampleCount, size, rows,
                sums.map { unsafe $0 + first }, squares.map { unsafe $0 + first })
        }
    }

    /// The number of parts to cut a block of `valueCount` exponentials into, along a side of
    /// `items`. Cuts change no result.
    func partCount(_ valueCount: Int, items: Int) -> Int {
        guard valueCount >= Self.parallelExponentials else { return 1 }
        return max(1, min(items, pool.threadCount * 2))
    }
}
