internal import LogitKernels
internal import Predictions

/// The Monte-Carlo estimator of one row: independent draws, sums streamed wave by wave.
struct MonteCarlo {
    let link: Link
    let row: Int
    /// Member of an ensemble head, which has draws of its own.
    let member: Int
    let options: RowOptions
    let context: ComputeContext

    /// Why there are no moments.
    enum Failure: Error {
        case notWanted
        case overflow
    }

    /// Moments over the samples of logits with shared noise: one pass, no logit written.
    func moments(
        _ logits: NoisyLogits, _ table: DrawTable
    ) throws(Failure) -> SampleMoments {
        guard logits.isSafe else { throw .overflow }
        var moments = emptyMoments(classCount: logits.classCount)
        for samples in blocks(of: SampleMoments.waveSampleCount) {
            guard context.isWanted(row) else { throw .notWanted }
            let draws = table.draws(block(samples, dimensionCount: logits.rank), for: logits)
            let isDone = moments.add(logits, draws, kernel: context.kernel) { context.isWanted(row) }
            guard isDone else { throw .notWanted }
        }
        return moments
    }

    /// Moments over the samples of the latent path, blocks of logits one after the other.
    func moments(
        _ sampler: LatentSampler, classCount: Int
    ) throws(Failure) -> SampleMoments {
        var moments = emptyMoments(classCount: classCount)
        for samples in blocks(of: Self.latentBlockSize(classCount: classCount)) {
            guard context.isWanted(row) else { throw .notWanted }
            let block = block(samples, dimensionCount: sampler.drawCount)
            var draws = [Float](repeating: 0, count: samples.count * sampler.drawCount)
            var drawSpan = draws.mutableSpan
            context.noise.fill(&drawSpan, block, kernel: context.kernel)
            guard
                var logits = sampler.logits(
                    from: draws, sampleCount: samples.count, context.kernel)
            else { throw .overflow }
            var span = logits.mutableSpan
            moments.add(&span, sampleCount: samples.count, kernel: context.kernel)
        }
        return moments
    }

    /// Samples of a block of the latent path: enough for the product with the weights to be bound
    /// by arithmetic and not by their bytes, but no more than 8 MiB of logits where K lets eight
    /// samples be less.
    private static func latentBlockSize(classCount: Int) -> Int {
        min(max((1 << 21) / classCount, 8), 96)
    }

    private func emptyMoments(classCount: Int) -> SampleMoments {
        SampleMoments(classCount: classCount, link: link == .softmax ? .softmax : .sigmoid)
    }

    private func blocks(of size: Int) -> some Sequence<Range<Int>> {
        let sampleCount = options.sampleCount
        return stride(from: 0, to: sampleCount, by: size).lazy.map {
            $0..<min($0 + size, sampleCount)
        }
    }

    private func block(_ samples: Range<Int>, dimensionCount: Int) -> DrawBlock {
        DrawBlock(
            row: row, seed: options.seed, member: member, firstSample: samples.lowerBound,
            sampleCount: samples.count, dimensionCount: dimensionCount)
    }
}
