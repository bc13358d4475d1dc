import Fixtures
import LogitKernels
import Predictions
import Testing

@testable import Heads

/// Sets, abstentions and label scores in the answers of every kind of head.
@Suite struct LabelScoreTests {
    static let distributions = [
        "mhe/mhs", "mhe/arcface-mhs", "mhe/mhp-3heads", "mhe/mhc-2heads", "mhe/mhc-3heads",
        "het/hetxl-softmax-full", "het/hetxl-softmax-independent", "het/hetxl-softmax-diagonal",
    ]

    static func head(_ name: String) throws -> (any Head, [Float]) {
        (try Model.load(path: Fixtures.folder(name)).head, try Truth(name).floats("features"))
    }

    /// MHP takes doubles that answers round.
    private static func tolerance(_ name: String, _ probability: Double) -> Double {
        name.contains("mhp") ? 0x1p-23 * probability + 1e-30 : 0
    }

    @Test(arguments: distributions)
    func `scores are those of the probabilities of the answer`(_ name: String) throws {
        let (head, features) = try Self.head(name)
        let answers = try predictions(head, features, everything(samples: 50, seed: 3))
        let rows = FeatureRows(dense: features, count: answers.count)
        let labels = answers.indices.map { $0 * 7 % head.summary.classCount }
        for rule in PredictionSetRule.everyMethod {
            let scores = try head.labelScores(
                of: rows, labels: labels, by: rule, options: everything(samples: 50, seed: 3),
                ComputeContext(kernel: .threads(2)))
            for (row, score) in scores.enumerated() {
                let p = try #require(answers[row].probabilities).map { Double($0) }
                let truth = PlainScores(p, rule)
                #expect(
                    abs(score.probability - p[labels[row]])
                        <= Self.tolerance(name, p[labels[row]]))
                // Rounded probabilities may tie; a rank then counts a penalty.
                if !name.contains("mhp") || rule.method != .raps {
                    #expect(
                        abs(score.score - truth.scores[labels[row]]) <= Self.tolerance(name, 1))
                }
                #expect(score.isBest == (truth.order[0] == labels[row]))
            }
        }
    }

    @Test(arguments: distributions)
    func `sets hold the labels whose scores pass`(_ name: String) throws {
        let (head, features) = try Self.head(name)
        let context = ComputeContext(kernel: .threads(1))
        let row = FeatureRows(
            dense: Array(features.prefix(head.summary.inputCount)), count: 1)
        let count = min(head.summary.classCount, 25)
        for rule in PredictionSetRule.everyMethod {
            var options = everything(samples: 40)
            let scores = try (0..<count).map { label in
                try head.labelScores(
                    of: row, labels: [label], by: rule, options: options, context)[0].score
            }
            for threshold in scores {
                options.details.predictionSet = rule.with(threshold)
                let outcomes = head.predict(FeatureBatch(rows: row, options: [options]), context)
                guard case .prediction(let answer) = outcomes[0] else {
                    Issue.record("no answer")
                    return
                }
                let set = try #require(answer.set)
                let members = Set(set.labels.map(\.index))
                for label in 0..<count {
                    #expect(members.contains(label) == (scores[label] <= threshold))
                }
                let all = try #require(answer.probabilities)
                for label in set.labels {
                    #expect(label.probability == all[label.index])
                    #expect(label == Candidate(index: label.index, probability: label.probability))
                }
            }
        }
    }

    @Test(arguments: distributions)
    func `a row's set is the same alone, in a batch and on any threads`(_ name: String) throws {
        let (head, features) = try Self.head(name)
        let width = head.summary.inputCount
        let options = (0..<5).map { row in
            var options = RowOptions(
                topK: row, sampleCount: 30 + row, seed: UInt64(row),
                wantsProbabilities: row.isMultiple(of: 2))
            options.details.predictionSet = PredictionSetRule.everyMethod[row % 4].with(
                row == 4 ? nil : 0.8)
            options.details.abstainBelow = Float(row) / 4
            options.details.scored = LabelScoring(label: row, rule: .of(.raps))
            return options
        }
        let rows = (0..<5).map { row in
            let start = row % (features.count / width) * width
            return features[start..<start + width].map { $0 * Float(row + 1) / 2 }
        }
        let batch = FeatureBatch(features: rows.flatMap { $0 }, options: options)
        for threads in [1, 2] {
            let context = ComputeContext(kernel: .threads(threads))
            let together = head.predict(batch, context)
            for (row, own) in options.enumerated() {
                let alone = head.predict(
                    FeatureBatch(features: rows[row], options: [own]), context)
                #expect(alone == [together[row]])
                guard case .prediction(let answer) = alone[0] else { continue }
                #expect(answer.set != nil && answer.labelScore != nil && answer.abstains != nil)
            }
        }
    }

    @Test(arguments: distributions)
    func `an answer abstains below the limit and not at it`(_ name: String) throws {
        let (head, features) = try Self.head(name)
        var options = everything(samples: 20)
        let most = try #require(
            try predictions(head, features, options)[0].uncertainty?.maxProbability)
        for (limit, expected) in [
            (most.nextDown, false), (most, false), (most.nextUp, true), (0, false),
        ] {
            options.details.abstainBelow = limit
            #expect(try predictions(head, features, options)[0].abstains == expected)
        }
    }

    @Test(arguments: distributions)
    func `sizes are those of the sets`(_ name: String) throws {
        let (head, features) = try Self.head(name)
        let context = ComputeContext(kernel: .threads(1))
        let count = features.count / head.summary.inputCount
        let thresholds: [Double?] = [-1, 0.3, 0.9, 1.2, nil]
        for rule in PredictionSetRule.everyMethod {
            let scores = try head.labelScores(
                of: FeatureRows(dense: features, count: count),
                labels: [Int](repeating: 0, count: count), by: rule,
                sizedThresholds: thresholds, options: everything(samples: 20), context)
            for (place, threshold) in thresholds.enumerated() {
                var options = everything(samples: 20)
                options.details.predictionSet = rule.with(threshold)
                let sets = try predictions(head, features, options).map(\.set)
                #expect(scores.map { $0.setSizes[place] } == sets.map { $0?.labels.count })
            }
        }
    }

    @Test func `nothing is added that was not asked for`() throws {
        for name in Self.distributions {
            let (head, features) = try Self.head(name)
            let answer = try predictions(head, features, everything(samples: 20))[0]
            #expect(answer.set == nil && answer.abstains == nil && answer.labelScore == nil)
        }
    }

    @Test(arguments: ["het/het-sigmoid-full", "mhe/mhc-xmc"])
    func `labels without a common distribution have no score`(_ name: String) throws {
        let (head, features) = try Self.head(name)
        #expect(head.summary.output != .distribution)
        let row = FeatureRows(
            dense: Array(features.prefix(head.summary.inputCount)), count: 1)
        #expect(throws: UnscoredRow.self) {
            try head.labelScores(
                of: row, labels: [0], by: .of(.lac), options: everything(samples: 5),
                ComputeContext(kernel: .threads(1)))
        }
    }

    @Test func `a row that overflows is named`() throws {
        let (head, _) = try Self.head("het/hetxl-softmax-full")
        let width = head.summary.inputCount
        let features =
            [Float](repeating: 0.5, count: width)
            + [Float](repeating: .greatestFiniteMagnitude, count: width)
        #expect(throws: UnscoredRow(row: 1, outcome: .overflow)) {
            try head.labelScores(
                of: FeatureRows(dense: features, count: 2), labels: [0, 0], by: .of(.lac),
                options: everything(samples: 5), ComputeContext(kernel: .threads(1)))
        }
    }
}
