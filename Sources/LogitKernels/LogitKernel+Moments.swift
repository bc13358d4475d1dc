import CLogitKernels

/// What a block of samples leaves beside its exponentials.
struct SampleBlock {
    /// What each sample's values must be multiplied by to be probabilities.
    var scales: [Double]
    /// Each sample's entropy in nats.
    var entropies: [Double]
}

extension LogitKernel {
    /// Logits of a block, samples × classes, to unscaled probabilities in place. Whole samples go to
    /// the threads, so that each sample's sums are taken by one of them.
    func exponentiate(
        _ logits: inout MutableSpan<Float>, classCount: Int, link: SampleMoments.Link
    ) -> SampleBlock {
        let sampleCount = logits.count / classCount
        var block = SampleBlock(
            scales: Array(repeating: 1, count: sampleCount),
            entropies: Array(repeating: 0, count: sampleCount))
        let parts = partCount(logits.count, items: sampleCount)
        unsafe logits.withUnsafeMutableBufferPointer { logits in
            unsafe block.scales.withUnsafeMutableBufferPointer { scales in
                unsafe block.entropies.withUnsafeMutableBufferPointer { entropies in
                    unsafe exponentiate(logits, classCount, link, parts, scales, entropies)
                }
            }
        }
        return block
    }

    private func exponentiate(
        _ logits: UnsafeMutableBufferPointer<Float>, _ classCount: Int, _ link: SampleMoments.Link,
        _ parts: Int, _ scales: UnsafeMutableBufferPointer<Double>,
        _ entropies: UnsafeMutableBufferPointer<Double>
    ) {
        let table = table
        // Each sample has its own row, scale and entropy, and the pool returns before they expire.
        nonisolated(unsafe) let (logits, scales, entropies) = unsafe (logits, scales, entropies)
        let sampleCount = unsafe scales.count
        pool.forEach(parts) { part in
            for sample in sampleCount * part / parts..<sampleCount * (part + 1) / parts {
                let row = unsafe logits.baseAddress.map { unsafe $0 + sample * classCount }
                switch link {
                case .softmax:
                    let sums = unsafe table.functions.exponentiate(row, classCount)
                    unsafe scales[sample] = sums.scale
                    unsafe entropies[sample] = sums.entropy
                case .sigmoid:
                    unsafe entropies[sample] = table.functions.sigmoid_entropy(row, classCount)
                }
            }
        }
    }

    /// Adds the block's probabilities and their squares to `sums` and `squares`, class by class in
    /// the order of the samples. Ranges of classes go to the threads.
    func accumulate(
        _ values: borrowing MutableSpan<Float>, scales: [Double],
        sums: inout [Double], squares: inout [Double]
    ) {
        let parts = partCount(values.count, items: sums.count)
        unsafe values.withUnsafeBufferPointer { values in
            unsafe scales.withUnsafeBufferPointer { scales in
                unsafe sums.withUnsafeMutableBufferPointer { sums in
                    unsafe squares.withUnsafeMutableBufferPointer { squares in
                        unsafe accumulate(values, scales, parts, sums, squares)
                    }
                }
            }
        }
    }

    private func accumulate(
        _ values: UnsafeBufferPointer<Float>, _ scales: UnsafeBufferPointer<Double>, _ parts: Int,
        _ sums: UnsafeMutableBufferPointer<Double>, _ squares: UnsafeMutableBufferPointer<Double>
    ) {
        let (classCount, table) = (sums.count, table)
        // Parts have classes of their own, and the pool returns before the pointers expire.
        nonisolated(unsafe) let (values, scales, sums, squares) = unsafe (
            values.baseAddress, scales, sums.baseAddress, squares.baseAddress
        )
        let sampleCount = unsafe scales.count
        pool.forEach(parts) { part in
            let first = classCount * part / parts
            let size = classCount * (part + 1) / parts - first
            unsafe table.functions.accumulate(
                values.map { unsafe $0 + first }, classCount, sampleCount, size,
                scales.baseAddress, sums.map { unsafe $0 + first },
                squares.map { unsafe $0 + first })
        }
    }

    /// Parts to cut a block of `valueCount` exponentials into along a side of `items`; cuts change
    /// no result.
    private func partCount(_ valueCount: Int, items: Int) -> Int {
        guard valueCount >= Self.parallelExponentials else { return 1 }
        return max(1, min(items, pool.threadCount * 2))
    }
}
