import Fixtures
import LogitKernels
import Predictions
import Testing

@testable import Heads

/// Answers of rows so long that their logits are not kept.
@Suite struct LongRowTests {
    private static let width = 3

    /// Few different weights, so that labels tie in every panel, or weights at random.
    private static func head(
        _ link: Link, classes: Int, isTied: Bool, _ format: WeightFormat
    ) -> DenseHead {
        var random = SeededRandom(seed: 5)
        let weights = random.floats(classes * width, in: -2...2).map { isTied ? $0.rounded() : $0 }
        return DenseHead(
            kind: .dense,
            layer: DenseLayer(
                weights: PackedWeights(
                    weights.span, outputCount: classes, inputCount: width, layout: .outputMajor,
                    format: format),
                bias: isTied ? nil : random.floats(classes, in: -1...1)),
            link: link, preLogits: nil, factor: 2)
    }

    /// The first row asks for few labels; the others for more and more of the answer.
    private static func options(classes: Int, isFew: Bool) -> [RowOptions] {
        let lists = [1, 0, 2, 7, 40, 300]
        return lists.map { count in
            var options = RowOptions(
                topK: count, sampleCount: 1, seed: 0, wantsProbabilities: !isFew,
                labels: [0, classes - 1, 2048])
            options.minProbability = count == 7 ? 1e-5 : 0
            return options
        }
    }

    /// An answer that must list all probabilities is made from logits in memory.
    @Test(
        arguments: [Link.softmax, .sigmoid],
        [(300_001, false), (300_001, true), (50_000, false), (16_383, true)])
    func `answers are those of logits in memory`(_ link: Link, _ shape: (Int, Bool)) throws {
        let (classes, isTied) = shape
        var random = SeededRandom(seed: 9)
        let few = Self.options(classes: classes, isFew: true)
        // The last row is steep, so that what is not listed is little.
        var features = random.floats(few.count * Self.width)
        for place in features.count - Self.width..<features.count { features[place] *= 40 }
        for format in [WeightFormat.float32, .int8] {
            let head = Self.head(link, classes: classes, isTied: isTied, format)
            func outcomes(_ rows: Range<Int>, isFew: Bool, threads: Int) -> [RowOutcome] {
                let context = ComputeContext(
                    kernel: LogitKernel(pool: ComputePool(threadCount: threads)))
                let options = Self.options(classes: classes, isFew: isFew)[rows]
                return head.predict(
                    FeatureBatch(
                        features: Array(
                            features[rows.lowerBound * Self.width..<rows.upperBound * Self.width]),
                        options: Array(options)), context)
            }
            let stored = try outcomes(few.indices, isFew: false, threads: 1).map { outcome in
                guard case .prediction(var answer) = outcome else { throw Unpredicted(outcome) }
                answer.probabilities = nil
                return RowOutcome.prediction(answer)
            }
            for threads in [1, 2] {
                #expect(outcomes(few.indices, isFew: true, threads: threads) == stored)
                for row in few.indices {
                    let alone = outcomes(row..<row + 1, isFew: true, threads: threads)
                    #expect(alone == [stored[row]])
                }
            }
        }
    }

    /// As many rows and labels as the shortest long rows have.
    @Test(arguments: [Int.max, Int.max - 1, (1 << 14) + 1])
    func `more labels than there are are all of them`(_ count: Int) {
        let (rows, classes) = (16, 1 << 14)
        let head = Self.head(.softmax, classes: classes, isTied: false, .float32)
        let context = ComputeContext(kernel: LogitKernel(pool: ComputePool(threadCount: 2)))
        var random = SeededRandom(seed: 9)
        let features = random.floats(rows * Self.width)
        func outcomes(_ count: Int) -> [RowOutcome] {
            let options = RowOptions(
                topK: count, sampleCount: 1, seed: 0, wantsProbabilities: false, labels: [0])
            return head.predict(
                FeatureBatch(
                    features: features, options: [RowOptions](repeating: options, count: rows)),
                context)
        }
        #expect(outcomes(count) == outcomes(classes))
    }

    @Test func `a row that overflows leaves the others as they are`() throws {
        let head = Self.head(.softmax, classes: 300_001, isTied: false, .float32)
        let context = ComputeContext(kernel: LogitKernel(pool: ComputePool(threadCount: 2)))
        let options = [RowOptions](
            repeating: RowOptions(topK: 3, sampleCount: 1, seed: 0, wantsProbabilities: false),
            count: 2)
        let outcomes = head.predict(
            FeatureBatch(features: [0.5, 1, -1, 3e38, -3e38, 3e38], options: options), context)
        guard case .prediction = outcomes[0], case .overflow = outcomes[1] else {
            Issue.record("one answer and one overflow")
            return
        }
    }
}
