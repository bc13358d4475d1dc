internal import LogitKernels
package import Predictions

extension ComputeOptions {
    /// Bytes that all threads hold between two blocks of samples of a row: a block on each, and the
    /// sums of each replicate of each member. 0 for heads without noise.
    package func sampleBytes(of options: RowOptions, _ summary: HeadSummary) -> Int {
        guard summary.defaultSampleCount != nil else { return 0 }
        let rule = SamplingRules.all.rule(for: options)
        let plan = rule.plan(
            sampleCount: options.sampleCount, maxSampleCount: options.maxSampleCount)
        let sums = summary.memberCount * plan.replicateCount
        return threadCount
            * (SampleMoments.blockBytes(classCount: summary.classCount)
                + sums * SampleMoments.byteCount(classCount: summary.classCount))
    }
}
