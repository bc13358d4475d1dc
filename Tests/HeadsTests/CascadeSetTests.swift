import Fixtures
import LogitKernels
import Predictions
import Testing

@testable import Heads

/// Prediction sets and label scores of cascades over all groups against a list of all labels, by
/// the chain rule in double.
@Suite struct CascadeSetTests {
    /// A random cascade of two or three levels, most of them with codes that are no labels.
    private static func head(
        _ index: Int, _ random: inout SeededRandom
    ) throws -> (head: CascadeHead, x: [Float], p: [Double]) {
        let heads = (0..<2 + index % 2).map { _ in Int.random(in: 1...5, using: &random) }
        let codes = heads.reduce(1, *)
        let classes = Int.random(in: max(1, codes / 2)...codes, using: &random)
        let rows = Int.random(in: classes...codes, using: &random)
        let sizes = CascadeSearchTests.Sizes(heads: heads, classes: classes, rows: rows)
        let (head, x, factors) = try CascadeSearchTests.make(
            sizes, .softmax, beam: heads[0], &random, task: .singleLabel)
        let products = CascadeSearchTests.bruteForce(sizes, factors, beam: heads[0])
        let mass = products.values.reduce(0, +)
        return (head, x, (0..<classes).map { (products[$0] ?? 0) / mass })
    }

    private static func answer(
        _ head: CascadeHead, _ x: [Float], _ rule: PredictionSetRule
    ) throws -> Prediction {
        var options = everything()
        options.details.predictionSet = rule
        return try predictions(head, x, options)[0]
    }

    /// Probabilities are within 2e-5 of the chain rule, of 125 labels at most; a mass adds them.
    private static let tolerance = 125 * 2e-5

    @Test func `sets and scores are those of a list of all labels`() throws {
        var random = SeededRandom(seed: 12)
        var compared = 0
        for index in 0..<300 {
            let (head, x, truth) = try Self.head(index, &random)
            let context = ComputeContext(kernel: .threads(1))
            let rows = FeatureRows(
                dense: truth.flatMap { _ in x }, count: truth.count)
            for rule in PredictionSetRule.everyMethod {
                let p = try #require(try Self.answer(head, x, rule).probabilities)
                let own = PlainScores(p.map { Double($0) }, rule)
                let plain = PlainScores(truth, rule)
                let scores = try head.labelScores(
                    of: rows, labels: Array(truth.indices), by: rule, options: everything(),
                    context)
                #expect(scores.map(\.score) == own.scores)
                #expect(scores.map(\.probability) == p.map { Double($0) })
                let ranked = plain.scores.sorted()
                let between = zip(ranked, ranked.dropFirst()).filter {
                    // No label's score, off by the tolerance, is on the other side.
                    $1 - $0 > 2 * Self.tolerance
                }.map { ($0 + $1) / 2 }.prefix(10)
                for threshold in own.scores.prefix(10) + [-1, 2] {
                    let set = try #require(try Self.answer(head, x, rule.with(threshold)).set)
                    #expect(set.labels.map(\.index) == own.labels(threshold))
                    #expect(set.isComplete)
                }
                for threshold in between {
                    let set = try #require(try Self.answer(head, x, rule.with(threshold)).set)
                    #expect(Set(set.labels.map(\.index)) == Set(plain.labels(threshold)))
                    compared += 1
                }
            }
        }
        #expect(compared > 3000)
    }
}
