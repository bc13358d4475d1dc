internal import LogitKernels
internal import Predictions

/// The sampling of one row by the rule its request chose: sums streamed block by block, and given
/// up between blocks once the row is not wanted any more.
struct RowSampler {
    let rule: any DrawRule
    let plan: SamplingPlan
    /// The end of the samples.
    let goal: SamplingGoal
    /// Facts kept of the samples beside their sums.
    let kept: SampleMoments.Kept
    let link: Link
    private let row: Int
    private let seed: UInt64
    private let context: ComputeContext
    private let table: DrawTable

    init(
        rule: any DrawRule, link: Link, row: Int, options: RowOptions,
        tracesMargins: Bool, context: ComputeContext, table: DrawTable
    ) {
        self.rule = rule
        plan = rule.plan(
            sampleCount: options.sampleCount, maxSampleCount: options.maxSampleCount)
        seed = options.seed
        goal = SamplingGoal(options)
        kept = Self.kept(of: options, link: link, tracesMargins: tracesMargins)
        (self.link, self.row, self.context, self.table) = (link, row, context, table)
    }

    /// The facts that an answer needs.
    static func kept(
        of options: RowOptions, link: Link, tracesMargins: Bool
    ) -> SampleMoments.Kept {
        var kept: SampleMoments.Kept = []
        if options.hasDetails {
            let details = options.details
            if details.wantsProfiles { kept.insert(.scales) }
            if details.wantsVoteShare { kept.insert(.votes) }
        }
        if link == .softmax, tracesMargins { kept.formUnion([.scales, .leads]) }
        if case .leader = SamplingGoal(options) { kept.insert(.scales) }
        return kept
    }

    var kernel: LogitKernel { context.kernel }

    /// Whether samples are added to, or looked at, once they are summed.
    var needsLogits: Bool { !kept.isEmpty || goal != .plan }

    /// The reason there are no moments.
    enum Failure: Error {
        case notWanted
        case overflow
    }

    /// The sums of no samples.
    func noMoments(classCount: Int) -> SampleMoments {
        SampleMoments(
            classCount: classCount, link: link == .softmax ? .softmax : .sigmoid, keeping: kept)
    }

    /// Adds samples to the moments of a replicate, which has those before them.
    func add(
        _ samples: Range<Int>, of logits: MemberLogits, member: Int, replicate: Int,
        to moments: inout SampleMoments
    ) throws(Failure) {
        for block in try blocks(samples, of: logits, member, replicate) {
            try checkWanted()
            switch logits {
            case .shared(let logits):
                let draws = table.draws(block, by: rule, for: logits)
                let isDone = moments.add(logits, draws, kernel: kernel) {
                    context.isWanted(row)
                }
                guard isDone else { throw .notWanted }
            case .latents(let sampler, let classCount):
                let isDone = kernel.withScratch(count: block.sampleCount * classCount) { values in
                    guard write(block, sampler, into: &values) else { return false }
                    moments.add(&values, sampleCount: block.sampleCount, kernel: kernel)
                    return true
                }
                guard isDone else { throw .overflow }
            }
        }
    }

    /// The probabilities of some classes in some samples of a replicate, whose `moments` have them:
    /// `classes.count`×`samples.count`. Samples of the latent path are computed once more.
    func trace(
        _ classes: [Int], _ samples: Range<Int>, of logits: MemberLogits, member: Int,
        replicate: Int, _ moments: SampleMoments
    ) throws(Failure) -> [Float] {
        var blocks: [(count: Int, values: [Float])] = []
        for block in try self.blocks(samples, of: logits, member, replicate) {
            try checkWanted()
            let values: [Float]
            switch logits {
            case .shared(let logits):
                let draws = table.draws(block, by: rule, for: logits)
                values = moments.trace(
                    classes, logits, draws, from: block.firstSample, kernel: kernel)
            case .latents(let sampler, let classCount):
                values = kernel.withScratch(count: block.sampleCount * classCount) { values in
                    _ = write(block, sampler, into: &values)
                    return kernel.probabilities(
                        of: classes, in: &values, classCount: classCount, link: moments.link)
                }
            }
            blocks.append((block.sampleCount, values))
        }
        if blocks.count == 1 { return blocks[0].values }
        return classes.indices.flatMap { place in
            blocks.flatMap { $0.values[place * $0.count..<(place + 1) * $0.count] }
        }
    }

    /// Fails once nobody waits for the row.
    func checkWanted() throws(Failure) {
        guard context.isWanted(row) else { throw .notWanted }
    }

    /// Samples of a replicate where its points are made for their number: where none of them may be
    /// left out.
    private var netSampleCount: Int? {
        plan.hasOwnNet && goal == .plan ? plan.samplesPerReplicate : nil
    }

    /// The samples cut into blocks, in order.
    private func blocks(
        _ samples: Range<Int>, of logits: MemberLogits, _ member: Int, _ replicate: Int
    ) throws(Failure) -> [DrawBlock] {
        guard logits.isSafe else { throw .overflow }
        let size = logits.blockSize
        return stride(from: samples.lowerBound, to: samples.upperBound, by: size).map { first in
            DrawBlock(
                row: row, seed: seed, member: member, replicate: replicate, firstSample: first,
                sampleCount: min(size, samples.upperBound - first),
                dimensionCount: logits.drawCount, netSampleCount: netSampleCount)
        }
    }

    /// Writes a block's logits; false when float32 overflowed.
    private func write(
        _ block: DrawBlock, _ sampler: LatentSampler, into logits: inout MutableSpan<Float>
    ) -> Bool {
        kernel.withScratch(count: block.sampleCount * sampler.drawCount) { draws in
            rule.fill(&draws, block, from: context.noise, kernel: kernel)
            return sampler.write(
                &logits, from: draws.span, sampleCount: block.sampleCount, kernel)
        }
    }
}
