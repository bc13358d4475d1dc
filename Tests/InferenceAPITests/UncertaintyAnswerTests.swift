import Foundation
import Predictions
import Testing

@testable import InferenceAPI

/// Fields of an answer that only a request for them brings.
@Suite struct UncertaintyAnswerTests {
    static func predictions(
        _ prediction: Prediction, _ change: (inout PredictParameters) -> Void = { _ in }
    ) throws -> [String: Any] {
        var parameters = PredictParameters()
        change(&parameters)
        let encoder = JSONAnswer.toJSON(parameters)
        let object = try JSONSerialization.jsonObject(
            with: Data(try JSONAnswerTests.encoded([.prediction(prediction)], encoder).bytes))
        let rows = (object as? [String: Any])?["predictions"] as? [[String: Any]]
        return try #require(rows?.first)
    }

    static func text(
        _ prediction: Prediction, _ change: (inout PredictParameters) -> Void = { _ in }
    ) throws -> String {
        var parameters = PredictParameters()
        change(&parameters)
        let encoder = JSONAnswer.toJSON(parameters)
        let bytes = try JSONAnswerTests.encoded([.prediction(prediction)], encoder).bytes
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `an entry has the law of its probability`() throws {
        var prediction = JSONAnswerTests.prediction
        prediction.top[0].profile = NoiseProfile(
            quantiles: [0.25, 0.75], histogram: [Float](repeating: 0.05, count: 20),
            voteShare: 0.875)
        prediction.top[1].profile = NoiseProfile(voteShare: 0)
        let top = try #require(try Self.predictions(prediction)["top_k"] as? [[String: Any]])
        #expect(top[0]["quantiles"] as? [Double] == [0.25, 0.75])
        #expect((top[0]["histogram"] as? [Double])?.count == 20)
        #expect(top[0]["vote_share"] as? Double == 0.875)
        #expect(Set(top[1].keys) == ["index", "label", "probability", "vote_share"])
    }

    @Test func `the margin's error stands behind it`() throws {
        var prediction = JSONAnswerTests.prediction
        prediction.uncertainty?.marginStandardError = 0.125
        #expect(
            try Self.text(prediction).contains(#""margin":0.5,"margin_standard_error":0.125,"#))
        #expect(try !Self.text(JSONAnswerTests.prediction).contains("margin_standard_error"))
    }

    @Test(arguments: [true, false]) func `stopping rules are answered`(isMet: Bool) throws {
        var prediction = JSONAnswerTests.prediction
        prediction.uncertainty?.isConverged = isMet
        prediction.uncertainty?.isCertified = !isMet
        let found = try Self.predictions(prediction) { ($0.certificate, $0.delta) = (.topOne, 0.1) }
        let uncertainty = try #require(found["uncertainty"] as? [String: Any])
        #expect(uncertainty["converged"] as? Bool == isMet)
        #expect(uncertainty["certified"] as? Bool == !isMet)
        #expect(uncertainty["delta"] as? Double == 0.1)
    }

    /// In the digits of the request.
    @Test func `what was asked for is repeated`() throws {
        let prediction = JSONAnswerTests.prediction
        let usual = try Self.text(prediction) {
            ($0.outputs, $0.certificate) = ([.quantiles], .topOne)
        }
        #expect(usual.contains(#""quantile_levels":[0.05,0.5,0.95],"delta":0.05}"#))
        let own = try Self.text(prediction) {
            ($0.outputs, $0.quantileLevels) = ([.quantiles], [1e-5, 0.1, 0.9999999999999999])
        }
        #expect(own.contains(#""quantile_levels":[1e-05,0.1,0.9999999999999999]}"#))
        let plain = try Self.text(prediction)
        #expect(!plain.contains("quantile_levels") && !plain.contains("delta"))
    }

    @Test func `an array's answer repeats it too`() throws {
        var parameters = PredictParameters()
        parameters.certificate = .topOne
        let encoder = JSONAnswer.toArray(parameters)
        #expect(encoder.fields == .array)
        let bytes = try JSONAnswerTests.encoded(
            [.prediction(JSONAnswerTests.prediction)], encoder
        ).bytes
        #expect(String(decoding: bytes, as: UTF8.self).contains(#""delta":0.05}"#))
        #expect(JSONAnswer.toArray(PredictParameters()) === JSONAnswer.toArray)
        #expect(JSONAnswer.toJSON(PredictParameters()) === JSONAnswer.toJSON)
    }

    @Test(arguments: [true, false]) func `an answer may abstain`(abstains: Bool) throws {
        var prediction = JSONAnswerTests.prediction
        prediction.abstains = abstains
        #expect(try Self.predictions(prediction)["abstain"] as? Bool == abstains)
        #expect(try Self.predictions(JSONAnswerTests.prediction)["abstain"] == nil)
    }

    // MARK: Prediction sets

    static func withSet(threshold: Double?, isComplete: Bool = true) -> Prediction {
        var prediction = JSONAnswerTests.prediction
        prediction.set = PredictionSet(
            labels: prediction.top,
            rule: PredictionSetRule(method: .raps, coverage: 0.9, threshold: threshold),
            isComplete: isComplete)
        return prediction
    }

    @Test(arguments: [true, false]) func `a prediction set is there`(isComplete: Bool) throws {
        let found = try Self.predictions(Self.withSet(threshold: 0.625, isComplete: isComplete))
        let set = try #require(found["prediction_set"] as? [String: Any])
        #expect(
            Set(set.keys) == ["labels", "size", "coverage", "method", "threshold", "complete"])
        let labels = try #require(set["labels"] as? [[String: Any]])
        #expect(labels.allSatisfy { Set($0.keys) == ["index", "label", "probability"] })
        #expect(labels.map { $0["index"] as? Int } == [3, 1])
        #expect(labels[0]["label"] as? String == "<3>")
        #expect(set["size"] as? Int == 2 && set["coverage"] as? Double == 0.9)
        #expect(set["method"] as? String == "raps" && set["threshold"] as? Double == 0.625)
        #expect(set["complete"] as? Bool == isComplete)
    }

    @Test func `without a threshold all labels belong`() throws {
        #expect(try Self.text(Self.withSet(threshold: nil)).contains(#""threshold":null,"#))
    }

    // MARK: Numbers that JSON has not

    @Test func `no number that is not finite is written`() {
        var changes: [Prediction] = []
        for profile in [
            NoiseProfile(quantiles: [0, .nan]), NoiseProfile(histogram: [.infinity]),
            NoiseProfile(voteShare: .nan),
        ] {
            var prediction = JSONAnswerTests.prediction
            prediction.top[1].profile = profile
            changes.append(prediction)
        }
        var prediction = JSONAnswerTests.prediction
        prediction.uncertainty?.marginStandardError = .nan
        changes += [prediction, Self.withSet(threshold: .infinity)]
        for change in changes {
            guard case .notFinite? = JSONAnswerTests.error([.prediction(change)]) else {
                Issue.record("a number")
                return
            }
        }
    }

    // MARK: Sizes

    /// The estimate is no longer than the shortest answer that a wish can have, and counts it.
    @Test(
        arguments: [
            (3, false, false, false, false), (0, true, false, false, false),
            (0, false, true, false, false), (0, false, false, true, false),
            (0, false, false, false, true), (32, true, true, true, true),
        ])
    func `fields that were asked for take room`(
        levels: Int, histogram: Bool, votes: Bool, set: Bool, abstains: Bool
    ) throws {
        let shortest = Candidate(
            index: 0, probability: 0,
            profile: NoiseProfile(
                quantiles: [Float](repeating: 0, count: levels),
                histogram: histogram ? [Float](repeating: 0, count: 20) : [],
                voteShare: votes ? 0 : nil))
        var prediction = Prediction(
            top: [shortest], named: [shortest],
            uncertainty: Uncertainty(predictiveEntropy: 0, estimator: .exact))
        prediction.abstains = abstains ? true : nil
        let rule = PredictionSetRule(method: .lac, coverage: 0.5, threshold: 0)
        if set { prediction.set = PredictionSet(labels: [shortest], rule: rule, isComplete: true) }
        var options = RowOptions(topK: 1, sampleCount: 1, seed: 0, wantsProbabilities: false)
        options.labels = [0]
        let plain = FewestBytes.row(options, classCount: 9)
        options.details.quantileLevels = [Double](repeating: 0.5, count: levels)
        (options.details.wantsHistogram, options.details.wantsVoteShare) = (histogram, votes)
        options.details.predictionSet = set ? rule : nil
        options.details.abstainBelow = abstains ? 0.5 : nil
        var parameters = PredictParameters()
        parameters.outputs = levels > 0 ? [.quantiles] : []
        parameters.quantileLevels = options.details.quantileLevels
        let model = AnsweringModel(
            name: "m", version: "1", summary: JSONAnswerTests.model.summary, label: { "\($0)" })
        func bytes(_ prediction: Prediction, _ parameters: PredictParameters) throws -> Int {
            try JSONAnswer.toJSON(parameters).encode(
                [.prediction(prediction)], of: model, maxBytes: .max
            ).bytes.count
        }
        var bare = prediction
        (bare.abstains, bare.set) = (nil, nil)
        (bare.top[0].profile, bare.named[0].profile) = (nil, nil)
        let added = try bytes(prediction, parameters) - bytes(bare, PredictParameters())
        let counted = FewestBytes.row(options, classCount: 9) - plain
        #expect(counted <= Double(added) && 2 * counted >= Double(added))
        let answer = JSONAnswer.toJSON
        let estimate = Int(FewestBytes.row(options, classCount: 9))
        for excess in -1...1 {
            #expect(
                answer.mayFit([options], classCount: 9, maxBytes: estimate + excess)
                    == (excess >= 0))
        }
    }
}
