import CLogitKernels

/// Standard-normal draws of some samples, packed for `SampleMoments.add` in tiles of 12 samples.
/// Rows with the same seed share them. About 4·S·rank bytes.
// Safety: the block is written before `init` returns and only read after that.
package final class NoiseDraws: @unchecked Sendable {
    package let sampleCount: Int
    /// Draws per sample.
    package let rank: Int

    let isBFloat16: Bool
    private let shelf: ScratchShelf
    private let block: ScratchBlock

    /// Samples in a tile.
    static let tileWidth = Int(LOGIT_NOISE_TILE)
    /// Samples drawn and packed at a time.
    private static let partWidth = 5 * tileWidth

    /// Packs draws that `fill` writes: those of samples first..<first + count, count×rank,
    /// row-major. A sample's draws must not depend on the cut. `fill` may be called on several
    /// threads at once.
    package init(
        for logits: NoisyLogits, sampleCount: Int, kernel: LogitKernel,
        fill: @Sendable (_ first: Int, _ count: Int, inout MutableSpan<Float>) -> Void
    ) {
        precondition(sampleCount >= 0, "negative count")
        self.sampleCount = sampleCount
        (rank, isBFloat16) = (logits.rank, logits.isBFloat16)
        let tileCount = (sampleCount + Self.tileWidth - 1) / Self.tileWidth
        let tileSize = logit_noise_bytes(rank, Self.tileWidth, isBFloat16)
        shelf = kernel.shelf
        block = shelf.take(byteCount: tileCount * tileSize)
        draw(tileSize: tileSize, kernel, fill)
    }

    deinit { shelf.put(block) }

    private func draw(
        tileSize: Int, _ kernel: LogitKernel,
        _ fill: @Sendable (_ first: Int, _ count: Int, inout MutableSpan<Float>) -> Void
    ) {
        let partCount = (sampleCount + Self.partWidth - 1) / Self.partWidth
        // Parts write disjoint tiles, and the pool returns before the pointers expire.
        nonisolated(unsafe) let (target, pack) = unsafe (
            block.values(UInt8.self, at: 0, count: 0).baseAddress,
            kernel.table.sampling.pack_draws
        )
        let (sampleCount, rank, isBFloat16) = (sampleCount, rank, isBFloat16)
        let isSmall = sampleCount * rank < LogitKernel.parallelNormals
        kernel.pool.forEach(partCount, isSmall: isSmall) { part in
            let first = part * Self.partWidth
            let count = min(Self.partWidth, sampleCount - first)
            var draws = [Float](repeating: 0, count: count * rank)
            var span = draws.mutableSpan
            fill(first, count, &span)
            unsafe draws.withUnsafeBufferPointer { draws in
                unsafe pack(
                    draws.baseAddress, count, rank, isBFloat16,
                    target.map { unsafe $0 + first / Self.tileWidth * tileSize })
            }
        }
    }

    /// The first tile.
    var tiles: UnsafePointer<UInt8>? {
        unsafe UnsafePointer(block.values(UInt8.self, at: 0, count: 0).baseAddress)
    }
}
