internal import LogitKernels
internal import Synchronization

/// The packed draws of a batch: rows that share a seed share them, and no more are kept than rows
/// are at work.
final class DrawTable: Sendable {
    private let context: ComputeContext
    /// The latest, oldest first.
    private let kept = Mutex<[(block: DrawBlock, draws: NoiseDraws)]>([])

    init(_ context: ComputeContext) { self.context = context }

    /// The draws of a block for logits of its dimension. Made anew when no row has asked for them
    /// lately: they are the same numbers.
    func draws(_ block: DrawBlock, for logits: NoisyLogits) -> NoiseDraws {
        var key = block
        if !context.noise.dependsOnRow { key.row = 0 }
        if let found = kept.withLock({ $0.last { $0.block == key }?.draws }) { return found }
        let draws = NoiseDraws(
            for: logits, sampleCount: block.sampleCount, kernel: context.kernel
        ) { first, count, values in
            var part = block
            part.firstSample += first
            part.sampleCount = count
            context.noise.fill(&values, part, kernel: context.kernel)
        }
        kept.withLock { kept in
            kept.append((key, draws))
            if kept.count > context.kernel.pool.threadCount { kept.removeFirst() }
        }
        return draws
    }
}
