internal import LogitKernels
package import Predictions

extension ComputeOptions {
    /// Bytes that all threads hold while each samples a row, about: blocks of samples, a row's
    /// draws and logits, the sums of each replicate of each member, and what is kept of samples
    /// for profiles and errors. 0 for heads without noise.
    package func sampleBytes(of options: RowOptions, _ summary: HeadSummary) -> Int {
        guard summary.defaultSampleCount != nil else { return 0 }
        let block = SampleMoments.blockBytes(classCount: summary.classCount)
        let row = RowMemory(options, summary)
        return threadCount * (block + row.waveBytes + row.byteCount)
    }
}

/// The memory of one row that is sampled, beside the block of samples of its thread.
struct RowMemory {
    private let summary: HeadSummary
    private let options: RowOptions
    private let plan: SamplingPlan
    private let kept: SampleMoments.Kept
    private let goal: SamplingGoal

    init(_ options: RowOptions, _ summary: HeadSummary) {
        (self.options, self.summary) = (options, summary)
        goal = SamplingGoal(options)
        let rule = SamplingRules.all.rule(for: options)
        plan = rule.plan(
            sampleCount: options.sampleCount, maxSampleCount: options.maxSampleCount)
        kept = RowSampler.kept(
            of: options, link: summary.link, tracesMargins: rule.tracesMargins)
    }

    var byteCount: Int { sums + draws + logits + scales + traces + search }

    /// Bytes of the samples that are summed at once, before they join the row's sums.
    var waveBytes: Int {
        SampleMoments.waveBytes(classCount: summary.classCount, keeping: kept)
    }

    private static let floatSize = MemoryLayout<Float>.stride

    /// Samples of all members; for the profiles of a known law at least its points.
    private var sampleCount: Int {
        let isLine =
            summary.hasKnownLaw && summary.link == .softmax && options.estimator == .auto
        return max(plan.sampleCount, isLine ? LinePoints.count : 0) * summary.memberCount
    }

    /// The sums of every replicate of each member.
    private var sums: Int {
        summary.memberCount * plan.replicateCount
            * SampleMoments.byteCount(classCount: summary.classCount, keeping: kept)
    }

    /// The draws of the samples that are added at once.
    private var draws: Int {
        Self.floatSize * (summary.drawCount ?? 0)
            * min(plan.samplesPerReplicate, SampleMoments.waveSampleCount)
    }

    /// The noisy logits of a member, or of all where they are kept: R + 1 columns and the mean,
    /// of the classes or, on the latent path, of the latents.
    private var logits: Int {
        Self.floatSize * (summary.classCount + summary.inputCount)
            * ((summary.factorCount ?? 0) + 2)
            * (kept.isEmpty && goal == .plan ? 1 : summary.memberCount)
    }

    /// The search for a leader, and the draws that it looks at, in both precisions.
    private var search: Int {
        guard case .leader = goal else { return 0 }
        return LeaderSearch.byteCount(classCount: summary.classCount)
            + RowSamples.maxSearched * (Self.floatSize + MemoryLayout<Double>.stride)
    }

    private var scales: Int {
        kept.contains(.scales) ? sampleCount * SampleMoments.scaleByteCount : 0
    }

    /// The probabilities of single classes in each sample, by member and in order.
    private var traces: Int {
        guard kept.contains(.scales) else { return 0 }
        let listed = options.hasDetails && options.details.wantsProfiles ? listedCount : 0
        // The margin looks at two classes.
        let (product, overflow) = sampleCount.multipliedReportingOverflow(by: max(listed, 2))
        let most = max(NoiseProfiles.maxTraced, 2 * sampleCount)
        return 2 * Self.floatSize * (overflow ? most : min(product, most))
    }

    private var listedCount: Int {
        max(min(options.topK, summary.classCount), options.labels.count)
    }
}
