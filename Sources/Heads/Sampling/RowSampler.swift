internal import LogitKernels
internal import Predictions

/// The sampling of one row by the rule its request chose: sums streamed block by block, and given
/// up between blocks once the row is not wanted any more.
struct RowSampler {
    let rule: any SamplingRule
    let plan: SamplingPlan
    private let link: Link
    private let row: Int
    private let seed: UInt64
    private let context: ComputeContext

    init(
        rule: any SamplingRule, link: Link, row: Int, options: RowOptions,
        context: ComputeContext
    ) {
        self.rule = rule
        plan = rule.plan(
            sampleCount: options.sampleCount, maxSampleCount: options.maxSampleCount)
        seed = options.seed
        (self.link, self.row, self.context) = (link, row, context)
    }

    var kernel: LogitKernel { context.kernel }

    /// The reason there are no moments.
    enum Failure: Error {
        case notWanted
        case overflow
    }

    /// Moments over the samples of logits with shared noise, one a replicate: one pass, no logit
    /// written. `member` of an ensemble head has draws of its own.
    func moments(
        ofMember member: Int, _ logits: NoisyLogits, _ table: DrawTable
    ) throws(Failure) -> [SampleMoments] {
        guard logits.isSafe else { throw .overflow }
        return try replicates(
            ofMember: member, classCount: logits.classCount, dimensionCount: logits.rank,
            blockSize: SampleMoments.waveSampleCount
        ) { moments, block throws(Failure) in
            let draws = table.draws(block, by: rule, for: logits)
            let isDone = moments.add(logits, draws, kernel: kernel) { context.isWanted(row) }
            guard isDone else { throw .notWanted }
        }
    }

    /// Moments over the samples of the latent path, one a replicate: blocks of logits one after the
    /// other.
    func moments(
        ofMember member: Int, _ sampler: LatentSampler, classCount: Int
    ) throws(Failure) -> [SampleMoments] {
        try replicates(
            ofMember: member, classCount: classCount, dimensionCount: sampler.drawCount,
            blockSize: sampler.blockSize(classCount: classCount)
        ) { moments, block throws(Failure) in
            let isDone = kernel.withScratch(count: block.sampleCount * classCount) { logits in
                guard sample(block, sampler, into: &logits) else { return false }
                moments.add(&logits, sampleCount: block.sampleCount, kernel: kernel)
                return true
            }
            guard isDone else { throw .overflow }
        }
    }

    /// Writes a block's logits; false when float32 overflowed.
    private func sample(
        _ block: DrawBlock, _ sampler: LatentSampler, into logits: inout MutableSpan<Float>
    ) -> Bool {
        kernel.withScratch(count: block.sampleCount * sampler.drawCount) { draws in
            rule.fill(&draws, block, from: context.noise, kernel: kernel)
            return sampler.write(
                &logits, from: draws.span, sampleCount: block.sampleCount, kernel)
        }
    }

    /// Calls `add` for all blocks of each replicate's samples, in order.
    private func replicates(
        ofMember member: Int, classCount: Int, dimensionCount: Int, blockSize: Int,
        _ add: (inout SampleMoments, DrawBlock) throws(Failure) -> Void
    ) throws(Failure) -> [SampleMoments] {
        var replicates: [SampleMoments] = []
        for replicate in 0..<plan.replicateCount {
            var moments = SampleMoments(
                classCount: classCount, link: link == .softmax ? .softmax : .sigmoid)
            for first in stride(from: 0, to: plan.samplesPerReplicate, by: blockSize) {
                guard context.isWanted(row) else { throw .notWanted }
                let block = DrawBlock(
                    row: row, seed: seed, member: member, replicate: replicate,
                    firstSample: first,
                    sampleCount: min(blockSize, plan.samplesPerReplicate - first),
                    dimensionCount: dimensionCount)
                try add(&moments, block)
            }
            replicates.append(moments)
        }
        return replicates
    }
}
