import LogitKernels
import Testing

@testable import Heads

/// Rows of a batch share draws where they may.
@Suite struct DrawTableTests {
    private static let kernel = LogitKernel.threads(2)
    private static let rule = IndependentDraws()

    private static func logits() -> NoisyLogits {
        kernel.noisyLogits(
            rows: ([0, 1, 2, 3, 0, 0] as [Float]).span, classCount: 2, bias: nil, temperature: 1,
            precision: .float32)
    }

    private static func block(row: Int, seed: UInt64, member: Int = 0) -> DrawBlock {
        DrawBlock(
            row: row, seed: seed, member: member, firstSample: 0, sampleCount: 20,
            dimensionCount: 2)
    }

    @Test func `rows with one seed share their draws`() {
        let (table, logits) = (DrawTable(ComputeContext(kernel: Self.kernel)), Self.logits())
        let first = table.draws(Self.block(row: 0, seed: 7), by: Self.rule, for: logits)
        #expect(table.draws(Self.block(row: 5, seed: 7), by: Self.rule, for: logits) === first)
        #expect(table.draws(Self.block(row: 5, seed: 8), by: Self.rule, for: logits) !== first)
        let member = table.draws(Self.block(row: 5, seed: 7, member: 1), by: Self.rule, for: logits)
        #expect(member !== first)
    }

    @Test func `no more are kept than threads`() {
        let (table, logits) = (DrawTable(ComputeContext(kernel: Self.kernel)), Self.logits())
        let first = table.draws(Self.block(row: 0, seed: 1), by: Self.rule, for: logits)
        _ = table.draws(Self.block(row: 0, seed: 2), by: Self.rule, for: logits)
        #expect(table.draws(Self.block(row: 0, seed: 1), by: Self.rule, for: logits) === first)
        _ = table.draws(Self.block(row: 0, seed: 3), by: Self.rule, for: logits)
        #expect(table.draws(Self.block(row: 0, seed: 1), by: Self.rule, for: logits) !== first)
    }

    /// A source whose rows have draws of their own.
    private struct RowNoise: NoiseSource {
        func fill(_ draws: inout MutableSpan<Float>, _ block: DrawBlock, kernel: LogitKernel) {
            for index in draws.indices { draws[index] = Float(block.row) }
        }
    }

    @Test func `rows with draws of their own share none`() {
        let context = ComputeContext(kernel: Self.kernel, noise: RowNoise())
        let (table, logits) = (DrawTable(context), Self.logits())
        let first = table.draws(Self.block(row: 0, seed: 7), by: Self.rule, for: logits)
        #expect(table.draws(Self.block(row: 1, seed: 7), by: Self.rule, for: logits) !== first)
    }

    @Test func `rows with different rules share none`() {
        let (table, logits) = (DrawTable(ComputeContext(kernel: Self.kernel)), Self.logits())
        let block = Self.block(row: 0, seed: 7)
        let first = table.draws(block, by: Self.rule, for: logits)
        #expect(table.draws(block, by: MirroredDraws(), for: logits) !== first)
        #expect(table.draws(block, by: Self.rule, for: logits) === first)
    }
}
