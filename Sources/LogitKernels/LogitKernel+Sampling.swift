import CLogitKernels

extension LogitKernel {
    /// Writes standard normals: Philox4x32-10 with key `seed` and counter (sample, j / 4), then
    /// Box–Muller. `draws` is `sampleCount`×`dimensionCount`, overwritten.
    ///
    /// draws[s, j] depends on (`seed`, `firstSample` + s, j) alone, so any cut into blocks gives
    /// the same numbers. Always finite, at most sqrt(66 ln 2) < 6.7638 in magnitude. Runs on the
    /// calling thread, in about 10 ns per number.
    package func normals(
        seed: UInt64, firstSample: Int, sampleCount: Int, dimensionCount: Int,
        into draws: inout MutableSpan<Float>
    ) {
        precondition(firstSample >= 0 && sampleCount >= 0 && dimensionCount >= 0, "negative shape")
        precondition(draws.count == sampleCount * dimensionCount, "draws is not S×R")
        unsafe draws.withUnsafeMutableBufferPointer { draws in
            unsafe table.sampling.normals(
                seed, UInt64(firstSample), sampleCount, dimensionCount, draws.baseAddress)
        }
    }

    /// Computes logits[s,k] = location[k] + Σ_r draws[s,r] · loadings[r,k].
    ///
    /// `loadings` is `rank`×K, `draws` S×`rank` with S = `sampleCount`, `logits` S×K, overwritten.
    /// The sum runs in float, the location first, in the order of r; `rank` may be 0.
    package func affineLogits(
        location: Span<Float>, loadings: Span<Float>, rank: Int, draws: Span<Float>,
        sampleCount: Int, into logits: inout MutableSpan<Float>
    ) {
        precondition(rank >= 0 && loadings.count == rank * location.count, "loadings is not R×K")
        precondition(sampleCount >= 0 && draws.count == sampleCount * rank, "draws is not S×R")
        precondition(logits.count == sampleCount * location.count, "logits is not S×K")
        let parts = TileSplit(
            classCount: location.count, rowCount: sampleCount, productsPerOutput: rank,
            threadCount: pool.threadCount)
        unsafe logits.withUnsafeMutableBufferPointer { logits in
            unsafe location.withUnsafeBufferPointer { location in
                unsafe loadings.withUnsafeBufferPointer { loadings in
                    unsafe draws.withUnsafeBufferPointer { draws in
                        unsafe affineTiles(parts, location, loadings, rank, draws, logits)
                    }
                }
            }
        }
    }

    private func affineTiles(
        _ parts: TileSplit, _ location: UnsafeBufferPointer<Float>,
        _ loadings: UnsafeBufferPointer<Float>, _ rank: Int, _ draws: UnsafeBufferPointer<Float>,
        _ logits: UnsafeMutableBufferPointer<Float>
    ) {
        guard let target = logits.baseAddress, let start = location.baseAddress else { return }
        let (classes, table) = (location.count, table)
        // Tiles write disjoint parts of `logits`, and the pool returns before the pointers expire.
        nonisolated(unsafe) let (output, location, loadings, draws) = unsafe (
            target, start, loadings.baseAddress, draws.baseAddress
        )
        pool.forEach(parts.count) { part in
            let (tile, samples) = parts[part]
            unsafe table.sampling.affine(
                location + tile.lowerBound, loadings.map { unsafe $0 + tile.lowerBound }, rank,
                draws.map { unsafe $0 + samples.lowerBound * rank }, samples.count, tile.count,
                classes, output + samples.lowerBound * classes + tile.lowerBound)
        }
    }

    /// Computes 16 blocks of Philox4x32-10 in place: word i of lane l is `words[16 * i + l]`, of
    /// the counter on entry and of the random block on return.
    package func philox(_ words: inout MutableSpan<UInt32>, key: UInt64) {
        precondition(words.count == 4 * laneCount, "16 counters of 4 words")
        unsafe words.withUnsafeMutableBufferPointer { words in
            unsafe table.sampling.philox(words.baseAddress, key)
        }
    }

    /// Computes sine and cosine of 2π (word + 0.5) / 2³² for each word, within 3 ulp.
    package func sineCosine(
        of words: Span<UInt32>, sines: inout MutableSpan<Float>, cosines: inout MutableSpan<Float>
    ) {
        precondition(sines.count == words.count && cosines.count == words.count, "unequal counts")
        unsafe words.withUnsafeBufferPointer { words in
            unsafe sines.withUnsafeMutableBufferPointer { sines in
                unsafe cosines.withUnsafeMutableBufferPointer { cosines in
                    unsafe table.maps.sine_cosine(
                        words.baseAddress, words.count, sines.baseAddress, cosines.baseAddress)
                }
            }
        }
    }
}
