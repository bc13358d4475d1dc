import Fixtures
import Predictions
import Testing

@testable import Heads

/// The rank of a coverage, against rational arithmetic on the digits of the coverage.
@Suite struct CoverageRankTests {
    /// ⌈(n + 1) · numerator / 10^places⌉, without a double.
    private func rank(_ numerator: Int, places: Int, _ rowCount: Int) -> Int {
        let denominator = (0..<places).reduce(1) { power, _ in power * 10 }
        return (numerator * (rowCount + 1) + denominator - 1) / denominator
    }

    /// 0.1, 0.2, …, 0.01, …, 0.999 of every number of rows up to 400 and some larger ones.
    @Test(arguments: [1, 2, 3]) func `the rank is that of the decimal number`(_ places: Int) {
        let denominator = [1, 10, 100, 1000][places]
        let rowCounts = Array(1...400) + [999, 9999, 99_999, 999_999, 1_000_000]
        for numerator in 1..<denominator {
            let coverage = Double(numerator) / Double(denominator)
            let wrong = rowCounts.filter {
                CoverageRank.rank(of: coverage, rowCount: $0)
                    != rank(numerator, places: places, $0)
            }
            #expect(wrong.isEmpty, "\(coverage)")
        }
    }

    @Test func `0,9 of 99 rows is the 90th`() {
        #expect(CoverageRank.rank(of: 0.9, rowCount: 99) == 90)
        #expect(CoverageRank.rank(of: 0.9.nextUp, rowCount: 99) == 91)
        #expect(CoverageRank.rank(of: 0.9.nextDown, rowCount: 99) == 90)
    }

    @Test func `extreme coverages have a rank`() {
        for coverage in [Double.leastNonzeroMagnitude, 1e-300, 1e-24, 1e-8, 1e-7] {
            #expect(CoverageRank.rank(of: coverage, rowCount: 1_000_000) == 1)
        }
        #expect(CoverageRank.rank(of: 1e-5, rowCount: 999_999) == 10)
        #expect(CoverageRank.rank(of: 1.25e-5, rowCount: 999_999) == 13)
        #expect(CoverageRank.rank(of: 1.0.nextDown, rowCount: 10) == 11)
        #expect(CoverageRank.rank(of: 1.0.nextDown, rowCount: 1_000_000) == 1_000_001)
    }

    /// The threshold by its definition: the smallest score at or below which so many of all scores
    /// lie.
    @Test func `a threshold is the smallest score that suffices`() {
        var random = SeededRandom(seed: 4)
        for rowCount in [1, 2, 9, 10, 19, 99, 100] {
            let scores = (0..<rowCount).map { _ in Double(random.next() % 50) / 64 }
            let calibration = Calibration(
                method: .lac, date: "", estimator: .exact, samples: 0, seed: 0, scores: scores)
            for percent in 1..<100 {
                let needed = (percent * (rowCount + 1) + 99) / 100
                let sufficient = scores.filter { score in
                    scores.count { $0 <= score } >= needed
                }
                #expect(
                    calibration.threshold(coverage: Double(percent) / 100) == sufficient.min())
            }
        }
    }

    @Test func `a rule has the method, the coverage and the terms of the calibration`() {
        var calibration = CalibrationFolder.made(.raps)
        (calibration.rankPenalty, calibration.rankLimit) = (0.5, 2)
        #expect(
            calibration.rule(coverage: 0.6)
                == PredictionSetRule(
                    method: .raps, coverage: 0.6, threshold: 1.0 / 3, rankPenalty: 0.5,
                    rankLimit: 2))
        #expect(calibration.rule(coverage: 0.81).threshold == nil)
    }
}
