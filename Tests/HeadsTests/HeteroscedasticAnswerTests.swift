import Fixtures
import Heads
import LogitKernels
import Predictions
import Testing

/// Answers of sampling heads: their content, and the things they must not depend on.
@Suite struct HeteroscedasticAnswerTests {
    static func model(_ name: String) throws -> any Head {
        try Model.load(path: Fixtures.folder("het/" + name)).head
    }

    @Test(arguments: ["hetxl-softmax-wide", "hetxl-softmax-independent", "het-sigmoid-full"])
    func `a row of a batch equals the row alone`(_ name: String) throws {
        let head = try Self.model(name)
        let truth = try Truth("het/" + name)
        let features = try truth.floats("features")
        let width = head.summary.inputCount
        let rows = (0..<7).map { index in
            let start = index % (features.count / width) * width
            return features[start..<start + width].map { $0 * Float(index + 1) / 4 }
        }
        let options = (0..<7).map {
            RowOptions(
                topK: $0, sampleCount: 100 + $0, seed: UInt64($0), wantsProbabilities: $0 % 2 == 0)
        }
        let batch = FeatureBatch(features: rows.flatMap { $0 }, options: options)
        for threads in [1, 2, 3] {
            let context = ComputeContext(kernel: .threads(threads))
            let together = head.predict(batch, context)
            for index in rows.indices {
                let alone = head.predict(
                    FeatureBatch(features: rows[index], options: [options[index]]), context)
                #expect(alone == [together[index]])
            }
        }
    }

    @Test func `threads do not change the answer`() throws {
        let head = try Self.model("hetxl-softmax-wide")
        let features = try Truth("het/hetxl-softmax-wide").floats("features")
        let answers = try [1, 2, 3].map {
            try predictions(
                head, features, everything(samples: 777, topK: 9),
                context: ComputeContext(kernel: .threads($0)))
        }
        #expect(answers[0] == answers[1])
        #expect(answers[0] == answers[2])
    }

    @Test func `the seed changes the draws and nothing else does`() throws {
        let head = try Self.model("hetxl-softmax-full")
        let features = try Truth("het/hetxl-softmax-full").floats("features")
        let first = try predictions(head, features, everything(samples: 50, seed: 1))
        #expect(try predictions(head, features, everything(samples: 50, seed: 1)) == first)
        #expect(try predictions(head, features, everything(samples: 50, seed: 2)) != first)
    }

    @Test func `a softmax answer is consistent with itself`() throws {
        let head = try Self.model("hetxl-softmax-efficient")
        let features = try Truth("het/hetxl-softmax-efficient").floats("features")
        let options = everything(samples: 400, topK: 12, estimator: .only(.monteCarlo))
        for answer in try predictions(head, features, options) {
            let probabilities = try #require(answer.probabilities).map { Double($0) }
            // Twelve float32 roundings of numbers that sum to one: 12·2^-25 < 1e-6.
            let sum: Double = probabilities.reduce(0, +)
            #expect(abs(sum - 1) <= 1e-6)
            let uncertainty = try #require(answer.uncertainty)
            // The mean's entropy lacks ½ Σ Var(p)/p on the average. Thirteen float32 roundings.
            let lacking = answer.top.reduce(0) {
                let error = Double($1.spread?.standardError ?? 0)
                return $0 + error * error / probabilities[$1.index]
            }
            let unbiased = entropy(probabilities) + lacking / 2
            #expect(abs(uncertainty.predictiveEntropy - unbiased) <= 1e-5)
            let expected = try #require(uncertainty.expectedEntropy)
            #expect(
                uncertainty.latentNoiseInformation == uncertainty.predictiveEntropy - expected)
            // Entropy is concave, so the mean's entropy is not below the mean entropy.
            #expect(expected <= uncertainty.predictiveEntropy + 1e-6)
            let sorted = answer.top.compactMap(\.probability)
            #expect(sorted == sorted.sorted(by: >))
            #expect(uncertainty.maxProbability == sorted[0])
            #expect(abs(try #require(uncertainty.margin) - (sorted[0] - sorted[1])) <= 0x1p-23)
            for candidate in answer.top {
                let spread = try #require(candidate.spread)
                let probability = try #require(candidate.probability)
                #expect(spread.interval.contains(probability))
                // se = sd/√S, both rounded once to float32.
                let expected = spread.standardDeviation / Float(400).squareRoot()
                let rounding = 3 * 0x1p-24 * expected
                #expect(abs(spread.standardError - expected) <= rounding)
            }
        }
    }

    @Test func `a sigmoid answer has no margin and sums label entropies`() throws {
        let head = try Self.model("hetxl-sigmoid-efficient")
        let features = try Truth("het/hetxl-sigmoid-efficient").floats("features")
        for answer in try predictions(head, features, everything(samples: 300)) {
            let uncertainty = try #require(answer.uncertainty)
            #expect(uncertainty.margin == nil && uncertainty.maxProbability == nil)
            let probabilities = try #require(answer.probabilities).map { Double($0) }
            let sum = entropy(probabilities) + entropy(probabilities.map { 1 - $0 })
            #expect(abs(uncertainty.predictiveEntropy - sum) <= 1e-4)
        }
    }

    @Test func `one sample gives a probability without a spread`() throws {
        let head = try Self.model("hetxl-softmax-full")
        let features = try Truth("het/hetxl-softmax-full").floats("features")
        func answers(_ samples: Int) throws -> [Prediction] {
            let options = everything(samples: samples, topK: 1, estimator: .only(.monteCarlo))
            return try predictions(head, features, options)
        }
        let (one, two) = (try answers(1), try answers(2))
        #expect(one.allSatisfy { $0.top[0].spread == nil })
        #expect(two.allSatisfy { $0.top[0].spread != nil })
    }

    @Test func `overflowing logits are reported and harm no other row`() throws {
        let head = try Self.model("hetxl-softmax-full")
        let width = head.summary.inputCount
        let fine = [Float](repeating: 0.5, count: width)
        let huge = [Float](repeating: .greatestFiniteMagnitude, count: width)
        let options = everything(samples: 20)
        let context = ComputeContext(kernel: .threads(2))
        let outcomes = head.predict(
            FeatureBatch(features: fine + huge + fine, options: [options, options, options]),
            context)
        #expect(outcomes[1] == .overflow)
        #expect(outcomes[0] == outcomes[2])
        #expect(outcomes[0] != .overflow)
    }

    @Test func `an unwanted row is left alone`() throws {
        let head = try Self.model("hetxl-softmax-full")
        let features = try Truth("het/hetxl-softmax-full").floats("features")
        let options = [RowOptions](repeating: everything(samples: 600), count: 3)
        let batch = FeatureBatch(features: features, options: options)
        let all = head.predict(batch, ComputeContext(kernel: .threads(1)))
        let some = head.predict(
            batch, ComputeContext(kernel: .threads(1), isWanted: { $0 != 1 }))
        #expect(some == [all[0], .notWanted, all[2]])
    }

    @Test func `top k is cut at the number of classes`() throws {
        let head = try Self.model("hetxl-softmax-full")
        let features = try Truth("het/hetxl-softmax-full").floats("features")
        for (asked, given) in [(0, 0), (1, 1), (9, 9), (10, 10), (11, 10), (Int.max, 10)] {
            let answer = try predictions(head, features, everything(samples: 3, topK: asked))
            #expect(answer[0].top.count == given)
        }
    }
}
