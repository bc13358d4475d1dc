import Fixtures
import LogitKernels
import Predictions
import Testing

@testable import Heads

/// Cascades of random weights against a plain evaluation of every label.
@Suite struct CascadeSearchTests {
    struct Sizes {
        var heads: [Int]
        var classes: Int
        /// Rows of the last table.
        var rows: Int
    }

    static let features = 6
    static let hiddenWidth = 5

    static func layer(_ outputs: Int, _ random: inout SeededRandom) -> (DenseLayer, [Float]) {
        let values = random.floats(outputs * features, in: -2...2)
        let weights = PackedWeights(
            values.span, outputCount: outputs, inputCount: features, layout: .outputMajor)
        return (DenseLayer(weights: weights, bias: nil), values)
    }

    static func product(_ rows: [Float], _ width: Int, _ x: [Float]) -> [Double] {
        stride(from: 0, to: rows.count, by: width).map { start in
            (0..<width).reduce(0.0) { $0 + Double(rows[start + $1]) * Double(x[$1]) }
        }
    }

    /// A head, and the factor of every code at every level by plain arithmetic.
    static func make(
        _ sizes: Sizes, _ activation: HeadActivation, beam: Int, _ random: inout SeededRandom,
        task: Task = .multiLabel
    ) throws -> (head: CascadeHead, x: [Float], factors: [[Double]]) {
        let x = random.floats(features)
        let (group, groupRows) = layer(sizes.heads[0], &random)
        var factors = [activation.factors(product(groupRows, features, x).map { Float($0) })]
        var levels: [CascadeLevel] = []
        var codes = sizes.heads[0]
        for (index, size) in sizes.heads.dropFirst().enumerated() {
            codes *= size
            let rows = index + 2 == sizes.heads.count ? sizes.rows : codes
            let (hidden, hiddenRows) = layer(hiddenWidth, &random)
            let table = random.floats(rows * hiddenWidth, in: -2...2)
            let scores = product(
                table, hiddenWidth, product(hiddenRows, features, x).map { Float($0) }
            ).map { Float($0) }
            factors.append(
                stride(from: 0, to: rows, by: size).flatMap { start in
                    activation.factors(scores[start..<min(start + size, rows)])
                })
            levels.append(
                CascadeLevel(
                    hidden: hidden, embedding: ScoreTable(values: table, width: hiddenWidth),
                    size: size))
        }
        let radix = try #require(MixedRadix(sizes: sizes.heads, classCount: sizes.classes))
        let head = CascadeHead(
            cascade: Cascade(
                group: group, levels: levels, radix: radix, activation: activation, task: task,
                beam: beam),
            preLogits: nil)
        return (head, x, factors)
    }

    /// Scores of all labels below the prefixes a level-wise beam keeps.
    static func bruteForce(
        _ sizes: Sizes, _ factors: [[Double]], beam: Int
    ) -> [Int: Double] {
        var kept = factors[0].enumerated().map { ($0, $1) }
        for (index, size) in sizes.heads.dropFirst().enumerated() {
            kept.sort { ($0.1, $1.0) > ($1.1, $0.0) }
            if beam < sizes.heads[0] { kept = Array(kept.prefix(beam)) }
            kept = kept.flatMap { code, score in
                (0..<size).map { code * size + $0 }.filter { $0 < factors[index + 1].count }
                    .map { ($0, score * factors[index + 1][$0]) }
            }
        }
        return Dictionary(uniqueKeysWithValues: kept.filter { $0.0 < sizes.classes })
    }

    static let shapes = [
        Sizes(heads: [4, 3], classes: 12, rows: 12), Sizes(heads: [5, 4], classes: 17, rows: 17),
        Sizes(heads: [3, 2, 4], classes: 24, rows: 24),
        Sizes(heads: [3, 3, 3], classes: 20, rows: 27),
        Sizes(heads: [4, 2, 3], classes: 19, rows: 19),
        Sizes(heads: [4, 2, 3], classes: 1, rows: 24),
        Sizes(heads: [4, 2, 3], classes: 13, rows: 20),
        Sizes(heads: [4, 3], classes: 9, rows: 12), Sizes(heads: [4, 3], classes: 9, rows: 9),
    ]

    @Test(arguments: [HeadActivation.sigmoid, .softmax])
    func `search equals brute force for every beam`(_ activation: HeadActivation) throws {
        var random = SeededRandom(seed: 4)
        for sizes in Self.shapes {
            for beam in 1...sizes.heads[0] {
                let (head, x, factors) = try Self.make(sizes, activation, beam: beam, &random)
                let truth = Self.bruteForce(sizes, factors, beam: beam)
                for count in [0, 1, 3, sizes.classes, sizes.classes + 1] {
                    let options = RowOptions(
                        topK: count, sampleCount: 1, seed: 0, wantsProbabilities: false)
                    let top = try predictions(head, x, options)[0].top
                    #expect(top.count == min(count, truth.count))
                    let best = truth.values.sorted(by: >)
                    for (label, expected) in zip(top, best) {
                        // Logits of a few units in float32: 6 products, then a smooth factor.
                        let score = Double(try #require(label.score))
                        #expect(abs(score - expected) <= 2e-5 * expected)
                        #expect(abs((truth[label.index] ?? -1) - expected) <= 4e-5 * expected)
                    }
                    #expect(Set(top.map(\.index)).count == top.count)
                }
            }
        }
    }

    @Test func `all groups give the chain rule conditioned on labels`() throws {
        var random = SeededRandom(seed: 5)
        for sizes in Self.shapes {
            let (head, x, factors) = try Self.make(
                sizes, .softmax, beam: sizes.heads[0], &random, task: .singleLabel)
            let products = Self.bruteForce(sizes, factors, beam: sizes.heads[0])
            let mass = products.values.reduce(0, +)
            let answer = try predictions(head, x, everything(topK: 3))[0]
            let probabilities = try #require(answer.probabilities)
            #expect(probabilities.count == sizes.classes)
            for (label, probability) in probabilities.enumerated() {
                let expected = (products[label] ?? -1) / mass
                #expect(abs(Double(probability) - expected) <= 2e-5)
            }
            // |dH| ≤ Σ|dp|·|1 + ln p|, with |dp| ≤ 2e-5 p and at most some 40 nats for -ln p.
            let truth = entropy(products.values.map { $0 / mass })
            #expect(abs(try #require(answer.uncertainty).predictiveEntropy - truth) <= 2e-5 * 41)
        }
    }

    @Test(arguments: [
        (Task.singleLabel, HeadActivation.softmax, 4, true), (.singleLabel, .softmax, 3, false),
        (.singleLabel, .sigmoid, 4, false), (.multiLabel, .sigmoid, 4, false),
        (.singleLabel, .softmax, 5, true),
    ])
    func `only a normalised full cascade is a distribution`(
        _ task: Task, _ activation: HeadActivation, _ beam: Int, _ isDistribution: Bool
    ) throws {
        var random = SeededRandom(seed: 6)
        let (head, x, _) = try Self.make(
            Self.shapes[0], activation, beam: beam, &random, task: task)
        #expect((head.summary.output == .distribution) == isDistribution)
        let label = try predictions(head, x, everything(topK: 1))[0].top[0]
        #expect((label.probability != nil) == isDistribution)
        #expect((label.score == nil) == isDistribution)
    }
}
