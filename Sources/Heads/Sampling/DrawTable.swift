internal import LogitKernels
internal import Predictions
internal import Synchronization

/// The packed draws of a batch: rows that share rule and seed share them, and no more are kept than
/// rows are at work.
final class DrawTable: Sendable {
    private struct Key: Equatable {
        let rule: Estimator
        var block: DrawBlock
    }

    private let context: ComputeContext
    /// The latest, oldest first.
    private let kept = Mutex<[(key: Key, draws: NoiseDraws)]>([])

    init(_ context: ComputeContext) { self.context = context }

    /// The draws of a block by a rule, for logits of the block's dimension. Made again when no
    /// row has asked for them recently: they are the same numbers.
    func draws(
        _ block: DrawBlock, by rule: any DrawRule, for logits: NoisyLogits
    ) -> NoiseDraws {
        var key = Key(rule: rule.estimator, block: block)
        if !context.noise.dependsOnRow { key.block.row = 0 }
        if let axes = logits.axes { return rotated(block, by: rule, for: logits, axes) }
        if let found = kept.withLock({ $0.last { $0.key == key }?.draws }) { return found }
        let draws = NoiseDraws(
            for: logits, sampleCount: block.sampleCount, kernel: context.kernel
        ) { first, count, values in
            fill(&values, block, from: first, count, by: rule)
        }
        kept.withLock { kept in
            kept.append((key, draws))
            if kept.count > context.kernel.pool.threadCount { kept.removeFirst() }
        }
        return draws
    }

    /// The draws along a row's own axes.
    private func rotated(
        _ block: DrawBlock, by rule: any DrawRule, for logits: NoisyLogits,
        _ axes: PrincipalAxes
    ) -> NoiseDraws {
        let kernel = context.kernel
        return NoiseDraws(for: logits, sampleCount: block.sampleCount, kernel: kernel) {
            first, count, values in
            kernel.withScratch(count: values.count) { along in
                fill(&along, block, from: first, count, by: rule)
                axes.rotate(along.span, sampleCount: count, into: &values, kernel)
            }
        }
    }

    /// Fills some of a block's draws.
    private func fill(
        _ values: inout MutableSpan<Float>, _ block: DrawBlock, from first: Int, _ count: Int,
        by rule: any DrawRule
    ) {
        var part = block
        part.firstSample += first
        part.sampleCount = count
        rule.fill(&values, part, from: context.noise, kernel: context.kernel)
    }
}
