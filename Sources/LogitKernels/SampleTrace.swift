import CLogitKernels

// Single classes of samples that were added to moments: their probabilities in each sample.

extension SampleMoments {
    /// The probabilities of some classes in the samples of `draws`, which were added as samples
    /// `first` and on: `classes.count`×`draws.sampleCount`. Needs `Kept.scales`. Each takes R
    /// multiply-adds and an exponential. In float32 the roundings are those of `add`; in bfloat16
    /// each product of a pair is rounded, where some instruction sets round both together.
    package func trace(
        _ classes: [Int], _ logits: NoisyLogits, _ draws: NoiseDraws, from first: Int,
        kernel: LogitKernel
    ) -> [Float] {
        let sampleCount = draws.sampleCount
        precondition(kept.contains(.scales) && first + sampleCount <= scales.count, "not kept")
        precondition(classes.allSatisfy { $0 >= 0 && $0 < classCount }, "no such class")
        let places = classes.map { UInt32($0) }
        let products = classes.count * sampleCount * (logits.rank + 16)
        let parts = products < LogitKernel.parallelProducts ? 1 : min(classes.count, 64)
        return [Float](count: classes.count * sampleCount) { values in
            unsafe values.withUnsafeMutableBufferPointer { values in
                unsafe logits.withNoise(draws) { noise in
                    unsafe scales.withUnsafeBufferPointer { scales in
                        unsafe places.withUnsafeBufferPointer { places in
                            // Parts have disjoint classes, and the pool returns before the
                            // pointers expire.
                            nonisolated(unsafe) let (noise, scales, places, values) = unsafe (
                                noise, scales.baseAddress.map { unsafe $0 + first },
                                places.baseAddress, values.baseAddress
                            )
                            kernel.pool.forEach(parts) { part in
                                let start = classes.count * part / parts
                                let size = classes.count * (part + 1) / parts - start
                                unsafe kernel.table.sampling.trace(
                                    noise, sampleCount, link == .sigmoid, scales,
                                    places.map { unsafe $0 + start }, size,
                                    values.map { unsafe $0 + start * sampleCount })
                            }
                        }
                    }
                }
            }
        }
    }
}

extension LogitKernel {
    /// The probabilities of some classes in a block of logits, `classes.count`×samples. The block,
    /// samples×K, is overwritten with garbage.
    package func probabilities(
        of classes: [Int], in logits: inout MutableSpan<Float>, classCount: Int,
        link: SampleMoments.Link
    ) -> [Float] {
        let rows = probabilities(&logits, classCount: classCount, link: link)
        var values: [Float] = []
        values.reserveCapacity(classes.count * rows.count)
        for k in classes {
            for (sample, row) in rows.enumerated() {
                values.append(Float(Double(logits[sample * classCount + k]) * row.scale))
            }
        }
        return values
    }

    /// Counts the leader of each row of a block, rows × classes, the first of several.
    package func countVotes(_ values: borrowing MutableSpan<Float>, _ votes: inout [UInt32]) {
        let classCount = votes.count
        unsafe values.withUnsafeBufferPointer { values in
            unsafe votes.withUnsafeMutableBufferPointer { votes in
                unsafe table.sampling.count_votes(
                    values.baseAddress, classCount, values.count / classCount, classCount,
                    votes.baseAddress)
            }
        }
    }
}
