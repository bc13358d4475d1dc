import Foundation
import Predictions
import Testing

@testable import InferenceAPI

/// Answers as a client's JSON reader sees them.
@Suite struct JSONAnswerTests {
    static let model = AnsweringModel(
        name: "digits-hetxl", version: "1",
        summary: HeadSummary(
            kind: .hetXL, link: .softmax, output: .distribution, inputCount: 64, classCount: 10,
            factorCount: 5, defaultSampleCount: 1000),
        label: { "<\($0)>" })

    static let prediction = Prediction(
        top: [
            Candidate(
                index: 3, probability: 0.75, score: nil,
                spread: SamplingSpread(
                    standardError: 0.02, interval: 0.710_800_72...0.789_199_28,
                    standardDeviation: 0.2)),
            Candidate(index: 1, probability: 1e-10, score: nil, spread: nil),
        ],
        uncertainty: Uncertainty(
            predictiveEntropy: 0.9, expectedEntropy: 0.3, maxProbability: 0.75, margin: 0.5,
            estimator: .monteCarlo, sampleCount: 100, seed: .max),
        probabilities: [0.25, 1e-10])

    static func encoded(
        _ outcomes: [RowOutcome], _ encoder: JSONAnswer = .toJSON, maxBytes: Int = 10_000
    ) throws(AnswerError) -> EncodedAnswer {
        try encoder.encode(outcomes[...], of: model, maxBytes: maxBytes)
    }

    static func object(_ outcomes: [RowOutcome]) throws -> [String: Any] {
        let answer = try encoded(outcomes)
        #expect(answer.status == 200 && answer.reason == "OK")
        #expect(answer.contentType.map { "\($0)" } == "application/json")
        #expect(answer.fields.isEmpty)
        return try #require(
            JSONSerialization.jsonObject(with: Data(answer.bytes)) as? [String: Any])
    }

    static func error(_ outcomes: [RowOutcome], _ encoder: JSONAnswer = .toJSON) -> AnswerError? {
        do {
            _ = try encoded(outcomes, encoder)
            return nil
        } catch {
            return error
        }
    }

    @Test func `every field is there`() throws {
        let object = try Self.object([.prediction(Self.prediction)])
        #expect(
            object["model"] as? [String: String] == [
                "name": "digits-hetxl", "version": "1", "head": "het-xl",
            ])
        let predictions = try #require(object["predictions"] as? [[String: Any]])
        let top = try #require(predictions[0]["top_k"] as? [[String: Any]])
        #expect(
            Set(top[0].keys) == [
                "index", "label", "probability", "standard_error", "interval", "standard_deviation",
            ])
        #expect(Set(top[1].keys) == ["index", "label", "probability"])
        #expect(top[0]["label"] as? String == "<3>")
        #expect(top[0]["standard_deviation"] as? Double == 0.2)
        let interval = try #require(top[0]["interval"] as? [Double])
        #expect(abs(interval[0] - 0.710_800_72) <= 1e-7)
        #expect(abs(interval[1] - 0.789_199_28) <= 1e-7)
        let uncertainty = try #require(predictions[0]["uncertainty"] as? [String: Any])
        #expect(uncertainty["seed"] as? UInt64 == .max)
        #expect(uncertainty["estimator"] as? String == "monte-carlo")
        #expect(uncertainty["latent_noise_information"] as? Double != nil)
        #expect(predictions[0]["probabilities"] as? [Double] == [0.25, 1e-10])
    }

    /// As text: the reader above rounds the last digit.
    @Test func `the information is exactly the difference`() throws {
        let answer = try Self.encoded([.prediction(Self.prediction)])
        let text = String(decoding: answer.bytes, as: UTF8.self)
        #expect(text.contains("\"latent_noise_information\":\(0.9 - 0.3),"))
    }

    @Test(
        arguments: [
            (0.5, 0.75, 0.75, 0.75), (-1e-17, nil, 0, nil), (-0.0, -0.0, 0, 0),
            (0.25, -1e-9, 0.25, 0),
            (0.75, 0.5, 0.75, 0.5), (0.5, 0.5, 0.5, 0.5), (-1e-9, 1e-9, 1e-9, 1e-9),
        ] as [(Double, Double?, Double, Double?)])
    func `entropies are never negative`(
        predictive: Double, expected: Double?, raised: Double, raisedExpected: Double?
    ) {
        let found = Uncertainty(
            predictiveEntropy: predictive, expectedEntropy: expected, estimator: .monteCarlo)
        #expect(found.predictiveEntropy == raised && found.predictiveEntropy.sign == .plus)
        #expect(found.expectedEntropy == raisedExpected)
        #expect(found.expectedEntropy?.sign != .minus)
        #expect(found.latentNoiseInformation == raisedExpected.map { raised - $0 })
        #expect(found.latentNoiseInformation?.sign != .minus)
    }

    @Test func `an empty list is left out`() throws {
        let object = try Self.object([.prediction(Prediction(top: []))])
        let predictions = try #require(object["predictions"] as? [[String: Any]])
        #expect(predictions.count == 1 && predictions[0].isEmpty)
    }

    @Test func `a list without labels is a list`() throws {
        let object = try Self.object([.prediction(Prediction(top: [], hasList: true))])
        let predictions = try #require(object["predictions"] as? [[String: Any]])
        #expect((predictions[0]["top_k"] as? [Any])?.isEmpty == true)
    }

    @Test(arguments: -1...1) func `the limit holds to the byte`(excess: Int) throws {
        let outcomes = [RowOutcome.prediction(Self.prediction), .prediction(Self.prediction)]
        let count = try Self.encoded(outcomes, maxBytes: .max).bytes.count
        let limit = count + excess
        do throws(AnswerError) {
            #expect(try Self.encoded(outcomes, maxBytes: limit).bytes.count == count)
            #expect(excess >= 0)
        } catch {
            guard case .tooLong(limit) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(excess < 0)
        }
    }

    @Test func `a row that failed names itself`() {
        guard
            case .overflow(let field)? = Self.error([.prediction(Self.prediction), .overflow])
        else {
            Issue.record("no overflow")
            return
        }
        #expect(field.pointer?.text == "/instances/1")
    }

    /// An array has no JSON pointers.
    @Test func `a row of an array that failed is named by its number`() {
        guard case .overflow(let field)? = Self.error([.overflow], .toArray) else {
            Issue.record("no overflow")
            return
        }
        #expect(field.pointer == nil)
        #expect(field.description == "row 0 of the array")
    }

    @Test func `a row that was given up, or lost its weights, has no answer`() {
        guard case .notWanted? = Self.error([.notWanted]),
            case .lostWeights? = Self.error([.lostWeights])
        else {
            Issue.record("an answer")
            return
        }
    }

    @Test func `a number that is not finite never reaches the wire`() {
        var prediction = Self.prediction
        prediction.uncertainty?.predictiveEntropy = .nan
        guard case .notFinite? = Self.error([.prediction(prediction)]) else {
            Issue.record("a number")
            return
        }
    }

    // MARK: Sizes

    static func fits(
        rows: Int, topK: Int, everything: Bool, classCount: Int = 100, limit: Int
    ) -> Bool {
        let row = RowOptions(
            topK: topK, sampleCount: 1, seed: 0, wantsProbabilities: everything)
        return JSONAnswer.toJSON.mayFit(
            [RowOptions](repeating: row, count: rows), classCount: classCount, maxBytes: limit)
    }

    /// An MHP may have as many classes as an Int holds.
    @Test(arguments: [(Int.max, false), (1, true)])
    func `an answer of very many classes cannot fit`(topK: Int, everything: Bool) {
        #expect(
            !Self.fits(
                rows: 1, topK: topK, everything: everything, classCount: .max, limit: 1 << 40))
    }

    @Test(arguments: [(3, 7, 390, true), (3, 7, 389, false), (0, 1, 39, true), (0, 1, 38, false)])
    func `labels that were asked for take room too`(
        topK: Int, labels: Int, limit: Int, fits: Bool
    ) {
        let row = RowOptions(
            topK: topK, sampleCount: 1, seed: 0, wantsProbabilities: false,
            labels: Array(0..<labels))
        #expect(JSONAnswer.toJSON.mayFit([row], classCount: 100, maxBytes: limit) == fits)
    }

    @Test func `labels that were asked for are entries like those of the list`() throws {
        var prediction = Self.prediction
        prediction.named = prediction.top.reversed()
        let object = try Self.object([.prediction(prediction)])
        let predictions = try #require(object["predictions"] as? [[String: Any]])
        let named = try #require(predictions[0]["labels"] as? [[String: Any]])
        let top = try #require(predictions[0]["top_k"] as? [[String: Any]])
        #expect(named.map { $0 as NSDictionary } == top.reversed().map { $0 as NSDictionary })
    }

    /// An entry of the list has at least 39 bytes, a probability at least 2.
    @Test(arguments: [
        (1, 5, false, 195, true), (1, 5, false, 194, false), (2, 5, false, 390, true),
        (2, 5, false, 389, false), (1, 0, true, 200, true), (1, 0, true, 199, false),
        (1, 1000, false, 3900, true), (1, 1000, false, 3899, false),
    ])
    func `an answer that cannot fit is known beforehand`(
        rows: Int, topK: Int, everything: Bool, limit: Int, fits: Bool
    ) {
        #expect(Self.fits(rows: rows, topK: topK, everything: everything, limit: limit) == fits)
    }
}
