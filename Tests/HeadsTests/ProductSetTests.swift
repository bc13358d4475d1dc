import Fixtures
import Glibc
import Predictions
import Testing

@testable import Heads

/// Prediction sets and label scores of products of heads against a list of all labels.
@Suite struct ProductSetTests {
    /// All labels of a product, and their logarithms as the ranking adds them.
    private struct Listed {
        let found: ProductDistribution
        let products: [Double]
        /// As the head has them.
        let p: [Double]
        /// By plain arithmetic.
        let truth: [Double]

        init(_ radix: MixedRadix, _ logs: [[Double]]) {
            found = ProductDistribution(radix: radix, logProbabilities: logs.flatMap { $0 })
            products = (0..<radix.classCount).map {
                ProductDistributionTests.logProduct($0, radix, logs)
            }
            p = (0..<radix.classCount).map { [found] in found.probability(of: $0) }
            truth = ProductDistributionTests.enumerate(radix, logs).probabilities
        }

        func scores(_ rule: PredictionSetRule, _ p: [Double]) -> PlainScores {
            PlainScores(p, rule) { (products[$0], $1) > (products[$1], $0) }
        }
    }

    /// Two or three heads, or one or four, most of them with codes that are no labels.
    private static func heads(_ count: Int) throws -> [Listed] {
        var random = SeededRandom(seed: 11)
        return try (0..<count).map { index in
            let sizes = (0..<[2, 3, 2, 3, 1, 4][index % 6]).map { _ in
                Int.random(in: 1...7, using: &random)
            }
            let codes = sizes.reduce(1, *)
            let classes = Int.random(in: max(1, codes / 2)...codes, using: &random)
            let radix = try #require(MixedRadix(sizes: sizes, classCount: classes))
            let logs = sizes.map { size in
                let logits = random.floats(size, in: -3...3)
                return HeadActivation.softmax.logDistribution(
                    index.isMultiple(of: 2) ? logits : logits.map { $0.rounded() })
            }
            return Listed(radix, logs)
        }
    }

    @Test func `sets and scores are those of a list of all labels`() throws {
        for head in try Self.heads(300) {
            for rule in PredictionSetRule.everyMethod {
                let (own, truth) = (head.scores(rule, head.p), head.scores(rule, head.truth))
                let scores = head.p.indices.map {
                    head.found.score(LabelScoring(label: $0, rule: rule))
                }
                #expect(scores.map(\.score) == own.scores)
                // Some 100 doubles, each within 30 nats · 2⁻⁵² of itself, and their sum.
                #expect(zip(scores, truth.scores).allSatisfy { abs($0.score - $1) <= 1e-12 })
                #expect(scores.map(\.isBest) == head.p.indices.map { $0 == own.order[0] })
                #expect(scores.map(\.probability) == head.p)
                #expect(scores.allSatisfy { $0.maxProbability == head.p[own.order[0]] })
                let others: [Double?] = [nil, 0, 0.3, 0.9, 1, 1.5, -1]
                for threshold in others + Array(own.scores.prefix(12)) {
                    let set = head.found.predictionSet(rule.with(threshold))
                    #expect(set.labels.map(\.index) == own.labels(threshold))
                    #expect(set.isComplete)
                }
            }
        }
    }

    @Test func `labels before one are counted with their mass`() throws {
        for head in try Self.heads(300) {
            let order = head.scores(.of(.aps), head.truth).order
            var mass = 0.0
            for (place, label) in order.enumerated() {
                let before = try #require(ProductCount(head.found, label: label).before())
                #expect(before.count == place)
                #expect(abs(before.mass - mass) <= 1e-12)
                mass += head.truth[label]
            }
        }
    }

    @Test func `a count that takes too long takes the label for the last one`() throws {
        let sizes = [30, 30, 30]
        let radix = try #require(MixedRadix(sizes: sizes, classCount: 26_000))
        var random = SeededRandom(seed: 4)
        let logs = sizes.map { HeadActivation.softmax.logDistribution(random.floats($0)) }
        let found = ProductDistribution(radix: radix, logProbabilities: logs.flatMap { $0 })
        let count = ProductCount(found, label: 17)
        let enough = (0..<5_000).first {
            ProductCount(found, label: 17, maxSteps: $0).before() != nil
        }
        let steps = try #require(enough)
        #expect(steps > 30)
        let last = ProductCount(found, label: 17, maxSteps: steps - 1).standing
        #expect(last.rank == 26_000 && last.mass == 1)
        #expect(ProductCount(found, label: 17, maxSteps: steps).standing == count.standing)
        #expect(count.standing.rank < 26_000 && count.standing.mass < 1)
    }

    @Test func `labels beyond those that a set lists have scores too`() throws {
        let sizes = [150, 150]
        let radix = try #require(MixedRadix(sizes: sizes, classCount: 22_345))
        var random = SeededRandom(seed: 5)
        let logs = sizes.map { HeadActivation.softmax.logDistribution(random.floats($0)) }
        let head = Listed(radix, logs)
        for rule in PredictionSetRule.everyMethod {
            let truth = head.scores(rule, head.p)
            for place in [0, 9_998, 9_999, 10_000, 10_001, 10_002, 15_000, 22_344] {
                let label = truth.order[place]
                let score = head.found.score(LabelScoring(label: label, rule: rule)).score
                // The list adds 22,345 doubles one by one: half of 2⁻⁵³ each.
                #expect(abs(score - truth.scores[label]) <= 22_345 * 0x1p-54)
                let set = head.found.predictionSet(rule.with(score))
                #expect(set.labels.count == min(place + 1, 10_000))
                #expect(set.isComplete == (place < 10_000))
                #expect(set.labels.map(\.index) == Array(truth.order.prefix(set.labels.count)))
            }
        }
    }

    @Test func `a set of nearly all codes that a number holds ends at its limit`() throws {
        let sizes = [Int](repeating: 8, count: 20)
        let radix = try #require(MixedRadix(sizes: sizes, classCount: 1 << 59))
        let even = [Double](repeating: -log(8), count: 8)
        let found = ProductDistribution(
            radix: radix, logProbabilities: sizes.flatMap { _ in even })
        for rule in PredictionSetRule.everyMethod {
            let set = found.predictionSet(rule)
            #expect(set.labels.map(\.index) == Array(0..<10_000) && !set.isComplete)
            let score = found.score(LabelScoring(label: (1 << 59) - 1, rule: rule))
            #expect(score.score.isFinite && score.score > 0.99 && !score.isBest)
        }
    }

    @Test func `labels in a far tail have masses too`() throws {
        // All mass but e^-2000 lies on the code that is not a label.
        let radix = try #require(MixedRadix(sizes: [2, 2], classCount: 3))
        let logs = [[-1000, 0], [-1000, 0]].map { HeadActivation.softmax.logDistribution($0) }
        let found = ProductDistribution(radix: radix, logProbabilities: logs.flatMap { $0 })
        let counts = try (0..<3).map { try #require(ProductCount(found, label: $0).before()) }
        #expect(counts.map(\.count) == [2, 0, 1])
        for (mass, truth) in zip(counts.map(\.mass), [1, 0, 0.5]) {
            // Logarithms of some 2,000 are 2⁻⁴² apart, and a few of them are rounded.
            #expect(abs(mass - truth) <= 4 * 0x1p-42)
        }
    }
}
