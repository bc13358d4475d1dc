import Fixtures
import LogitKernels
import Predictions
import Synchronization
import Testing

@testable import Heads

/// Rows that are integrated: their independence of batch and threads, and their end when they are
/// not wanted any more.
@Suite struct QuadratureRowTests {
    private static let softmax = MadeHead(isXL: true, classes: 3000, deviation: 2)
    private static let sigmoid = MadeHead(
        isXL: true, classes: 3000, rank: 2, deviation: 2, noise: .independent)

    private static func heads() throws -> [any Head] {
        [try softmax.head(.softmax), try sigmoid.head(.sigmoid)]
    }

    private static func batch(rows: Int) -> FeatureBatch {
        var random = SeededRandom(seed: 2)
        return FeatureBatch(
            features: random.floats(rows * MadeHead.features),
            options: (0..<rows).map { everything(samples: $0 + 1, topK: $0) })
    }

    @Test func `neither batch nor threads change a byte`() throws {
        let batch = Self.batch(rows: 5)
        for head in try Self.heads() {
            let one = head.predict(batch, ComputeContext(kernel: .threads(1)))
            for threads in [2, 3, 7] {
                #expect(head.predict(batch, ComputeContext(kernel: .threads(threads))) == one)
            }
            for row in 0..<5 {
                let alone = FeatureBatch(
                    rows: batch.rows.only(row), options: [batch.options[row]])
                for threads in [1, 2] {
                    let context = ComputeContext(kernel: .threads(threads))
                    #expect(head.predict(alone, context) == [one[row]])
                }
            }
        }
    }

    @Test func `a row that is not wanted any more is given up between blocks`() throws {
        let batch = Self.batch(rows: 1)
        for head in try Self.heads() {
            let asked = Atomic(0)
            let context = ComputeContext(
                kernel: .threads(1),
                isWanted: { _ in asked.wrappingAdd(1, ordering: .relaxed).newValue < 3 })
            #expect(head.predict(batch, context) == [.notWanted])
            #expect(asked.load(ordering: .relaxed) == 3)
        }
    }

    @Test func `overflow is told`() throws {
        let huge = [Float](repeating: 3e38, count: MadeHead.features)
        for head in try Self.heads() {
            let batch = FeatureBatch(features: huge, options: [everything()])
            #expect(head.predict(batch, ComputeContext(kernel: .threads(1))) == [.overflow])
        }
    }

    /// Narrow weights change the logits, not the rule: the law of the rounded weights.
    @Test(arguments: [WeightFormat.bfloat16, .int8]) func `narrow weights have laws`(
        format: WeightFormat
    ) throws {
        for (made, link) in [(Self.softmax, Link.softmax), (Self.sigmoid, .sigmoid)] {
            let narrow = try made.head(link, weights: format)
            let batch = Self.batch(rows: 1)
            let context = ComputeContext(kernel: .threads(1))
            let answers = [try made.head(link), narrow].map { $0.predict(batch, context)[0] }
            let found = answers.compactMap { answer -> [Float]? in
                guard case .prediction(let prediction) = answer else { return nil }
                #expect(prediction.uncertainty?.estimator == .quadrature)
                return prediction.probabilities
            }
            #expect(found.count == 2)
            let difference = zip(found[0], found[1]).map { abs($0 - $1) }.max() ?? 1
            #expect(difference > 0 && difference <= Float(format.probabilityError))
        }
    }

    /// Every set of instructions gives the contracted accuracy.
    @Test(arguments: InstructionSet.supported) func `all instruction sets agree`(
        set: InstructionSet
    ) throws {
        let pool = ComputePool(threadCount: 1)
        let kernels = [
            LogitKernel(pool: pool, instructionSet: .baseline),
            LogitKernel(pool: pool, instructionSet: set),
        ]
        for head in try Self.heads() {
            let found = try kernels.map { kernel in
                try predictions(
                    head, Array(Self.batch(rows: 1).rows.dense), everything(topK: 9),
                    context: ComputeContext(kernel: kernel))[0]
            }
            let pairs = zip(found[0].probabilities ?? [], found[1].probabilities ?? [])
            #expect((pairs.map { abs($0 - $1) }.max() ?? 1) <= 2e-6)
        }
    }
}
