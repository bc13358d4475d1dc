import Predictions
import Testing

@testable import Heads

/// Estimates of every class by many seeds.
struct SeedStudy {
    /// By row and class.
    private(set) var means: [[Double]] = []
    /// Mean squares of the deviations from `means`, and of the errors that were told.
    private(set) var variances: [[Double]] = []
    private(set) var told: [[Double]] = []

    private let seeds: Int

    /// Seeds from 0 on; `options` list all classes.
    init(
        _ head: any Head, _ features: [Float], seeds: Int, options: (UInt64) -> RowOptions
    ) throws {
        self.seeds = seeds
        for seed in 0..<seeds {
            let answers = try predictions(
                head, features, options(UInt64(seed)),
                context: ComputeContext(kernel: .threads(2)))
            if seed == 0 {
                let zeros = answers.map { $0.top.map { _ in 0.0 } }
                (means, variances, told) = (zeros, zeros, zeros)
            }
            for (row, answer) in answers.enumerated() { try add(answer, row) }
        }
        for row in means.indices {
            for k in means[row].indices {
                let mean = means[row][k]
                variances[row][k] = max(0, variances[row][k] - mean * mean)
            }
        }
    }

    private mutating func add(_ answer: Prediction, _ row: Int) throws {
        for candidate in answer.top {
            let value = Double(try #require(candidate.probability))
            let error = Double(try #require(candidate.spread).standardError)
            means[row][candidate.index] += value / Double(seeds)
            variances[row][candidate.index] += value * value / Double(seeds)
            told[row][candidate.index] += error * error / Double(seeds)
        }
    }

    /// Means within five standard errors, their own and those of `expected`, and a float32
    /// rounding. The squared error that answers tell is on the average the one that they have: of
    /// 64 seeds and seven degrees of freedom each, it is within a factor of two in the mean over
    /// the classes. Squares of roundings, some 2⁻²⁵ of each probability, are no error to tell.
    func check(_ expected: [[Double]], errors: [[Double]]? = nil) {
        var (seen, told, rounding) = (0.0, 0.0, 0.0)
        for row in expected.indices {
            for k in expected[row].indices {
                let own = variances[row][k] / Double(seeds - 1)
                let error = errors?[row][k] ?? 0
                let bound = 5 * (own + error * error).squareRoot() + 0x1p-23
                #expect(abs(means[row][k] - expected[row][k]) <= bound, "\(row), \(k)")
                seen += variances[row][k]
                told += self.told[row][k]
                rounding += expected[row][k] * expected[row][k] * 0x1p-48
            }
        }
        #expect(
            told + rounding >= seen / 2 && told <= seen * 2 + rounding,
            "told \(told), seen \(seen)")
    }
}
