internal import LogitKernels

/// The Monte-Carlo estimator: independent draws, sums streamed block by block.
struct MonteCarlo {
    let sampler: any LogitSampler
    let link: Link
    let classCount: Int
    /// Member of an ensemble head, which has draws of its own.
    let member: Int

    /// Logits held at a time: 256 KiB, so that a block stays in a core's own cache.
    private static let blockLogits = 65_536
    /// Bounds on the samples of a block, whatever K is: enough to share the loads of A, few enough
    /// for a deadline to be looked at often.
    private static let blockSamples = 8...256

    /// Why there are no moments.
    enum Failure: Error {
        case notWanted
        case overflow
    }

    /// Moments over the samples of one row.
    func moments(
        row: Int, _ options: RowOptions, _ work: HeadWork
    ) throws(Failure) -> SampleMoments {
        var moments = SampleMoments(
            classCount: classCount, link: link == .softmax ? .softmax : .sigmoid)
        let blockSize = min(blockSampleCount, options.sampleCount)
        var logits = [Float](repeating: 0, count: blockSize * classCount)
        for first in stride(from: 0, to: options.sampleCount, by: blockSize) {
            guard work.isWanted(row) else { throw .notWanted }
            let count = min(blockSize, options.sampleCount - first)
            let draws = draws(
                DrawBlock(
                    row: row, seed: options.seed, member: member, firstSample: first,
                    sampleCount: count,
                    dimensionCount: sampler.drawCount), work)
            logits.removeLast(logits.count - count * classCount)
            var span = logits.mutableSpan
            guard sampler.fill(&span, from: draws, sampleCount: count, work.kernel) else {
                throw .overflow
            }
            moments.add(&span, sampleCount: count, kernel: work.kernel)
        }
        return moments
    }

    private var blockSampleCount: Int {
        min(
            max(Self.blockLogits / classCount, Self.blockSamples.lowerBound),
            Self.blockSamples.upperBound)
    }

    private func draws(_ block: DrawBlock, _ work: HeadWork) -> [Float] {
        var draws = [Float](repeating: 0, count: block.sampleCount * block.dimensionCount)
        var span = draws.mutableSpan
        work.noise.fill(&span, block, kernel: work.kernel)
        return draws
    }
}
