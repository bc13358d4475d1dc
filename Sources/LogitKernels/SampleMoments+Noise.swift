import CLogitKernels

extension SampleMoments {
    /// Limit of the samples that `add` takes at once: eight chunks of eleven tiles.
    package static let waveSampleCount = waveChunkCount * 11 * NoiseDraws.tileWidth
    private static let waveChunkCount = 8

    /// Bytes of the scratch that a thread holds, also while it is asked whether it may go on: a
    /// block of samples' exponentials.
    package static func blockBytes(classCount: Int) -> Int {
        NoisePanels.count(classCount: classCount) * NoisePanels.width
            * logit_noise_block_samples(classCount) * MemoryLayout<Float>.stride
    }

    /// Bytes of the chunks of a wave, at most.
    package static func waveBytes(classCount: Int, keeping kept: Kept = []) -> Int {
        let arrays = keepsLeads(kept, classCount: classCount) ? 4 : 3
        let values = arrays * NoisePanels.count(classCount: classCount) * NoisePanels.width
        let votes = kept.contains(.votes) ? classCount : 0
        let perSample =
            MemoryLayout<Double>.stride + (kept.contains(.scales) ? scaleByteCount : 0)
        return waveChunkCount * (values + votes) * MemoryLayout<Float>.stride
            + waveSampleCount * perSample
    }

    /// Adds the samples of `draws`, at most `waveSampleCount`. Each takes (R+1)·K multiply-adds and
    /// one exponential per class. False, with nothing added, if `isWanted` returned false
    /// meanwhile.
    ///
    /// The samples are cut into at most eight chunks, which depend on the number of samples alone.
    /// Chunks are shared out to the threads, and their moments are added in the order of chunks. An
    /// exponential is within 2 ulp; the logits' own roundings, at most 2⁻²⁴ (R+2) (|m| + Σ|a ζ|),
    /// weigh more. Takes scratch from the kernel's shelf: `waveBytes`, and on each thread a block
    /// of exponentials of about a mebibyte.
    package mutating func add(
        _ logits: NoisyLogits, _ draws: NoiseDraws, kernel: LogitKernel,
        isWanted: @Sendable () -> Bool
    ) -> Bool {
        precondition(draws.sampleCount <= Self.waveSampleCount, "more than a wave")
        precondition(logits.classCount == classCount && logits.isSafe, "not these classes' logits")
        let chunks = NoiseChunks(
            classCount: classCount, sampleCount: draws.sampleCount,
            maxChunks: Self.waveChunkCount, keeping: kept, shelf: kernel.shelf)
        guard chunks.sample(logits, draws, link, kernel, isWanted) else { return false }
        if chunks.hasLeads { beginLeads(of: logits.reference) }
        join(chunks, kernel)
        return true
    }

    /// Adds the chunks' moments in their order. Ranges of classes are shared out to the threads.
    private mutating func join(_ chunks: NoiseChunks, _ kernel: LogitKernel) {
        let classCount = classCount
        let parts = kernel.partCount(classCount * chunks.count, items: classCount)
        unsafe sums.withUnsafeMutableBufferPointer { sums in
            unsafe squares.withUnsafeMutableBufferPointer { squares in
                // Parts have disjoint classes, and the pool returns before the pointers expire.
                nonisolated(unsafe) let (sums, squares) = (sums.baseAddress, squares.baseAddress)
                kernel.pool.forEach(parts) { part in
                    let first = classCount * part / parts
                    let size = classCount * (part + 1) / parts - first
                    for index in 0..<chunks.count {
                        var chunk = unsafe chunks.moments(index, firstClass: first)
                        unsafe kernel.table.sampling.join_chunk(
                            &chunk, chunks.samples(index).count, size,
                            sums.map { unsafe $0 + first }, squares.map { unsafe $0 + first })
                    }
                }
            }
        }
        // Most rows take one wave.
        if kept.contains(.scales), scales.isEmpty { scales.reserveCapacity(chunks.sampleCount) }
        for index in 0..<chunks.count {
            var chunk = unsafe chunks.moments(index)
            let count = chunks.samples(index).count
            if chunks.hasLeads { unsafe joinLeads(&chunk, sampleCount: count, kernel) }
            unsafe addEntropies(UnsafeBufferPointer(start: chunk.entropies, count: count))
            if let kept = unsafe chunk.scales {
                unsafe scales += UnsafeBufferPointer(start: kept, count: count)
            }
            if let counts = unsafe chunk.votes {
                for k in votes.indices { unsafe votes[k] += counts[k] }
            }
        }
    }
}
