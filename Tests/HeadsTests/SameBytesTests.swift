import Fixtures
import LogitKernels
import Predictions
import Testing

@testable import Heads

/// Answers of every estimator: the same bytes whatever a row is computed with, by every instruction
/// set.
@Suite struct SameBytesTests {
    /// A head and the estimators that its rows ask for.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let made: MadeHead
        let link: Link
        var weights = WeightFormat.float32

        var testDescription: String { name }
    }

    private static let cases = [
        Case(name: "softmax", made: .shared(classes: 9), link: .softmax),
        Case(name: "many classes", made: .shared(classes: 700), link: .softmax),
        Case(name: "bfloat16", made: .shared(classes: 40), link: .softmax, weights: .bfloat16),
        Case(name: "members", made: .shared(classes: 9, members: 3), link: .softmax),
        Case(
            name: "a line", made: MadeHead(isXL: false, classes: 9, deviation: 1), link: .softmax),
        Case(name: "sigmoid", made: .shared(classes: 9, members: 2), link: .sigmoid),
        Case(
            name: "latents",
            made: MadeHead(isXL: false, classes: 9, rank: 2, deviation: 1, noise: .independent),
            link: .softmax),
        Case(
            name: "covariance",
            made: MadeHead(isXL: true, classes: 9, rank: 2, deviation: 1, noise: .independent),
            link: .softmax),
    ]

    /// Two rows of each estimator, of which the second asks for laws of single classes. 1,200
    /// independent draws are more than one wave.
    private static func options(_ link: Link) -> [RowOptions] {
        EstimatorChoice.allCases.enumerated().flatMap { place, estimator in
            (0..<2).map { kind in
                var options = RowOptions(
                    topK: 3, sampleCount: kind == 0 ? 1200 : 100, seed: UInt64(place % 2),
                    estimator: estimator, wantsProbabilities: true)
                if kind == 1 {
                    options.details.quantileLevels = [0.1, 0.5]
                    options.details.wantsHistogram = true
                    options.details.wantsVoteShare = link == .softmax
                    options.details.labels = [1, 0]
                }
                return options
            }
        }
    }

    @Test(arguments: cases, InstructionSet.supported)
    func `a row alone, in a batch, on one thread and on three`(
        _ made: Case, _ set: InstructionSet
    ) throws {
        let head = try made.made.head(made.link, weights: made.weights)
        let (options, width) = (Self.options(made.link), MadeHead.features)
        var random = SeededRandom(seed: 11)
        let features = random.floats(options.count * width)
        func outcomes(_ rows: Range<Int>, threads: Int) -> [RowOutcome] {
            let kernel = LogitKernel(
                pool: ComputePool(threadCount: threads), instructionSet: set)
            return head.predict(
                FeatureBatch(
                    features: Array(features[rows.lowerBound * width..<rows.upperBound * width]),
                    options: Array(options[rows])),
                ComputeContext(kernel: kernel))
        }
        let together = outcomes(options.indices, threads: 1)
        for outcome in together {
            guard case .prediction = outcome else { throw Unpredicted(outcome) }
        }
        for threads in [2, 3] {
            #expect(outcomes(options.indices, threads: threads) == together)
        }
        for row in options.indices {
            for threads in 1...3 {
                #expect(outcomes(row..<row + 1, threads: threads) == [together[row]], "\(row)")
            }
        }
    }
}

extension MadeHead {
    fileprivate static func shared(classes: Int, members: Int = 1) -> MadeHead {
        MadeHead(isXL: true, classes: classes, rank: 3, deviation: 1, members: members)
    }
}
