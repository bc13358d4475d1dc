import CLogitKernels
import Synchronization

/// The chunks of a wave of samples, with memory for the moments of each.
// Safety: chunks write disjoint parts of the block; the parts are read when all chunks are done.
final class NoiseChunks: @unchecked Sendable {
    let count: Int
    /// Of all chunks.
    let sampleCount: Int

    private let classCount: Int
    private let shelf: ScratchShelf
    private let block: ScratchBlock
    /// Offsets of a chunk's arrays: three of a value a class, and the entropies.
    private let offsets: [Int]
    /// Offsets of what is kept, where it is.
    private let scalesOffset, votesOffset, leadsOffset: Int?
    /// Bytes of a chunk's arrays.
    private let chunkSize: Int

    /// Cuts the samples into chunks of whole tiles, as evenly as possible, the larger chunks first.
    init(
        classCount: Int, sampleCount: Int, maxChunks: Int, keeping kept: SampleMoments.Kept,
        shelf: ScratchShelf
    ) {
        let tileCount = (sampleCount + NoiseDraws.tileWidth - 1) / NoiseDraws.tileWidth
        (self.classCount, self.sampleCount, self.shelf) = (classCount, sampleCount, shelf)
        count = min(tileCount, maxChunks)
        let maxTiles = count == 0 ? 0 : (tileCount + count - 1) / count
        let maxSamples = maxTiles * NoiseDraws.tileWidth
        let valueCount = NoisePanels.count(classCount: classCount) * NoisePanels.width
        var layout = ScratchLayout()
        var offsets = (0..<3).map { _ in
            layout.place(valueCount * MemoryLayout<Float>.stride)
        }
        offsets.append(layout.place(maxSamples * MemoryLayout<Double>.stride))
        self.offsets = offsets
        scalesOffset =
            kept.contains(.scales)
            ? layout.place(maxSamples * MemoryLayout<logit_sample_scale>.stride) : nil
        votesOffset =
            kept.contains(.votes)
            ? layout.place(classCount * MemoryLayout<UInt32>.stride) : nil
        leadsOffset =
            SampleMoments.keepsLeads(kept, classCount: classCount)
            ? layout.place(valueCount * MemoryLayout<Float>.stride) : nil
        chunkSize = layout.byteCount
        block = shelf.take(byteCount: count * chunkSize)
        if votesOffset != nil { clearVotes() }
    }

    private func clearVotes() {
        for index in 0..<count {
            unsafe values(UInt32.self, index, at: votesOffset, count: classCount)?
                .update(repeating: 0, count: classCount)
        }
    }

    deinit { shelf.put(block) }

    var hasLeads: Bool { leadsOffset != nil }

    func samples(_ index: Int) -> Range<Int> {
        let tileCount = (sampleCount + NoiseDraws.tileWidth - 1) / NoiseDraws.tileWidth
        let (size, larger) = tileCount.quotientAndRemainder(dividingBy: count)
        let first = index * size + min(index, larger)
        let end = first + size + (index < larger ? 1 : 0)
        return first * NoiseDraws.tileWidth..<min(end * NoiseDraws.tileWidth, sampleCount)
    }

    /// The arrays of a chunk, beginning with class `firstClass`.
    func moments(_ index: Int, firstClass: Int = 0) -> logit_noise_chunk {
        let valueCount = NoisePanels.count(classCount: classCount) * NoisePanels.width
        func moments(_ offset: Int?) -> UnsafeMutablePointer<Float>? {
            unsafe values(Float.self, index, at: offset, count: valueCount)
                .map { unsafe $0 + firstClass }
        }
        let sampleCount = samples(index).count
        return unsafe logit_noise_chunk(
            centers: moments(offsets[0]), deviations: moments(offsets[1]),
            squares: moments(offsets[2]),
            entropies: values(Double.self, index, at: offsets[3], count: sampleCount),
            scales: values(logit_sample_scale.self, index, at: scalesOffset, count: sampleCount),
            votes: values(UInt32.self, index, at: votesOffset, count: classCount),
            leads: moments(leadsOffset),
            sample_count: sampleCount, waiting: logit_noise_waiting())
    }

    /// One array of a chunk; nil where it is not kept.
    private func values<Value: BitwiseCopyable>(
        _ type: Value.Type, _ index: Int, at offset: Int?, count: Int
    ) -> UnsafeMutablePointer<Value>? {
        guard let offset else { return nil }
        return unsafe block.values(type, at: index * chunkSize + offset, count: count).baseAddress
    }

    /// Computes every chunk's moments; false if `isWanted`, which is asked before each block of
    /// samples, returned false. What takes less time than a thread takes to wake is computed here,
    /// without a question.
    func sample(
        _ logits: NoisyLogits, _ draws: NoiseDraws, _ link: SampleMoments.Link,
        _ kernel: LogitKernel, _ isWanted: @Sendable () -> Bool
    ) -> Bool {
        let products = Double(sampleCount) * Double(classCount) * Double(logits.rank + 16)
        let isSmall = products < Double(LogitKernel.parallelProducts)
        let isComplete = Atomic(true)
        unsafe logits.withNoise(draws) { noise in
            if isSmall {
                return unsafe withBlock { values in
                    for index in 0..<count {
                        unsafe sample(index, noise, link, kernel, values) { true }
                    }
                }
            }
            // The pool returns before the pointer expires.
            nonisolated(unsafe) let noise = unsafe noise
            kernel.pool.forEach(count) { index in
                unsafe withBlock { values in
                    unsafe sample(index, noise, link, kernel, values) {
                        guard isComplete.load(ordering: .relaxed), isWanted() else {
                            isComplete.store(false, ordering: .relaxed)
                            return false
                        }
                        return true
                    }
                }
            }
        }
        return isComplete.load(ordering: .relaxed)
    }

    /// Lends the memory of a block of exponentials.
    private func withBlock(_ body: (UnsafeMutablePointer<Float>?) -> Void) {
        let byteCount = SampleMoments.blockBytes(classCount: classCount)
        let scratch = shelf.take(byteCount: byteCount)
        defer { shelf.put(scratch) }
        let valueCount = byteCount / MemoryLayout<Float>.stride
        unsafe body(scratch.values(Float.self, at: 0, count: valueCount).baseAddress)
    }

    /// Computes a chunk's moments, block by block for as long as `goesOn`.
    private func sample(
        _ index: Int, _ noise: UnsafePointer<logit_noise>, _ link: SampleMoments.Link,
        _ kernel: LogitKernel, _ values: UnsafeMutablePointer<Float>?, while goesOn: () -> Bool
    ) {
        let blockSamples = logit_noise_block_samples(classCount)
        let samples = samples(index)
        var chunk = unsafe moments(index)
        for from in stride(from: 0, to: samples.count, by: blockSamples) where goesOn() {
            unsafe kernel.table.sampling.sample(
                noise, samples.lowerBound, from, min(from + blockSamples, samples.count),
                link == .sigmoid, values, &chunk)
        }
    }
}
