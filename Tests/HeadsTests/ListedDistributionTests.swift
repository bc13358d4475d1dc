import Fixtures
import Glibc
import Predictions
import Testing

@testable import Heads

/// Prediction sets and label scores of listed probabilities against a sort of all labels.
@Suite struct ListedDistributionTests {
    /// Distributions with and without ties, of one label that has nearly all, of two labels and of
    /// one, and with probabilities of zero.
    private static func rows() -> [[Float]] {
        var random = SeededRandom(seed: 3)
        var rows: [[Float]] = [
            [1], [0.5, 0.5], [0.25, 0.75], [1, 0, 0, 0], [0, 0, 1],
            [Float](repeating: 0.125, count: 8), [0.999] + [Float](repeating: 0.0001, count: 10),
        ]
        for count in [2, 3, 7, 20, 100] {
            for step: Float in [0, 0.5] {
                let logits = random.floats(count, in: -3...3).map {
                    step == 0 ? $0 : ($0 / step).rounded() * step
                }
                rows.append(
                    HeadActivation.softmax.logDistribution(logits).map { Float(exp($0)) })
            }
        }
        return rows
    }

    @Test(arguments: PredictionSetRule.everyMethod)
    func `sets and scores are those of a sort`(rule: PredictionSetRule) {
        for row in Self.rows() {
            let (p, found) = (row.map { Double($0) }, ListedDistribution(probabilities: row))
            let truth = PlainScores(p, rule)
            for label in p.indices {
                let score = found.score(LabelScoring(label: label, rule: rule))
                #expect(score.score == truth.scores[label])
                #expect(score.probability == p[label])
                #expect(score.isBest == (label == truth.order[0]))
                #expect(score.maxProbability == p.max())
            }
            let exact = truth.scores
            let others: [Double?] = [nil, 0, 0.3, 0.9, 1, 1.5, -1]
            for threshold in others + exact + exact.map(\.nextDown) + exact.map(\.nextUp) {
                let set = found.predictionSet(rule.with(threshold))
                #expect(set.labels.map(\.index) == truth.labels(threshold))
                #expect(set.labels.map(\.probability) == set.labels.map { row[$0.index] })
                #expect(set.isComplete && set.rule == rule.with(threshold))
            }
        }
    }

    @Test func `a set lists ten thousand labels and says when there are more`() {
        for count in [9_999, 10_000, 10_001] {
            let row = [Float](repeating: 1 / Float(count), count: count)
            for rule in PredictionSetRule.everyMethod {
                let set = ListedDistribution(probabilities: row).predictionSet(rule)
                #expect(set.labels.map(\.index) == Array(0..<min(count, 10_000)))
                #expect(set.isComplete == (count <= 10_000))
            }
        }
    }

    @Test func `a set that ends with its ten thousandth label is complete`() {
        let row = (0..<10_001).map { Float($0 < 10_000 ? 0.75 : 0.25) / 10_000 }
        let distribution = ListedDistribution(probabilities: row)
        for rule in PredictionSetRule.everyMethod {
            let scoring = LabelScoring(label: 9_999, rule: rule)
            let set = distribution.predictionSet(rule.with(distribution.score(scoring).score))
            #expect(set.labels.count == 10_000 && set.isComplete)
        }
    }
}
