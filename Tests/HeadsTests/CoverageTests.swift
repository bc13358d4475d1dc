import Fixtures
import LogitKernels
import Predictions
import Testing

@testable import Heads

/// The share of rows whose true label is in their set, on the 200 rows of the demo models that no
/// training has seen.
@Suite struct CoverageTests {
    private static let models = ["digits-mhs", "digits-mhp", "digits-mhc", "digits-hetxl"]

    /// The smallest threshold that covers: the ⌈(n+1)·coverage⌉-th score, nil beyond the last.
    private static func threshold(_ scores: [Double], _ coverage: Double) -> Double? {
        let place = Int((Double(scores.count + 1) * coverage).rounded(.up))
        return place <= scores.count ? scores.sorted()[place - 1] : nil
    }

    /// Over all splits of any rows in two halves the share is ⌈(n+1)·coverage⌉/(n+1), or more where
    /// scores tie. That of one split deviates by at most √(2·¼/100) = 0.071, less where the
    /// coverage is not ½, as √(2·.09/100) = 0.042 at .9; the mean of 200 by 0.003 there, 0.0042 at
    /// .8: a hundredth is more than twice that below the least share expected.
    @Test(arguments: models, PredictionSetRule.everyMethod)
    func `random splits have the coverage asked for`(
        _ name: String, _ rule: PredictionSetRule
    ) throws {
        let head = try Model.load(path: Fixtures.demoModel(name)).head
        let truth = try Truth("models/" + name)
        let labels = try truth.integers("labels")
        let rows = FeatureRows(dense: try truth.floats("features"), count: labels.count)
        let scores = try head.labelScores(
            of: rows, labels: labels, by: rule, options: everything(samples: 64),
            ComputeContext(kernel: .threads(2))
        ).map(\.score)
        for coverage in [0.8, 0.9, 0.95] {
            var random = SeededRandom(seed: 9)
            var share = 0.0
            for _ in 0..<200 {
                let split = scores.shuffled(using: &random)
                let threshold = Self.threshold(Array(split[..<100]), coverage)
                let tested = split[100...]
                let covered = tested.filter { score in threshold.map { score <= $0 } ?? true }
                share += Double(covered.count) / Double(tested.count) / 200
            }
            #expect(share >= coverage - 0.01)
        }
    }
}
