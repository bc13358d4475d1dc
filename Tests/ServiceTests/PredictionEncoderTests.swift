import Fixtures
import Foundation
import InferenceAPI
import Predictions
import Testing

@testable import Heads
@testable import Service

/// Answers as a client's JSON reader sees them.
@Suite struct PredictionEncoderTests {
    static func served(_ name: String) throws -> ServedModel {
        let metrics = try ServiceMetrics(buildVersion: "1", kernel: "baseline") { 0 }
        let model = try Model.load(path: Fixtures.demoModel(name))
        return ServedModel(
            ordinal: 0, model: model,
            metrics: metrics.register(model: model.name))
    }

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

    static func object(_ answer: Answer) throws -> [String: Any] {
        guard case .json(let bytes) = answer else {
            Issue.record("\(answer) is no JSON")
            return [:]
        }
        return try #require(
            JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    }

    @Test func everyFieldIsThere() throws {
        let encoder = PredictionEncoder(
            model: try Self.served("digits-hetxl"), form: .json, limit: 10_000)
        let object = try Self.object(encoder.encode([.prediction(Self.prediction)]))
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
        #expect(top[0]["label"] as? String == "3")
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
    @Test func theInformationIsExactlyTheDifference() throws {
        let encoder = PredictionEncoder(
            model: try Self.served("digits-hetxl"), form: .json, limit: 10_000)
        guard case .json(let bytes) = encoder.encode([.prediction(Self.prediction)]) else {
            Issue.record("no answer")
            return
        }
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains("\"latent_noise_information\":\(0.9 - 0.3),"))
    }

    @Test func anEmptyListIsLeftOut() throws {
        var prediction = Self.prediction
        prediction.top = []
        prediction.probabilities = nil
        prediction.uncertainty = nil
        let encoder = PredictionEncoder(
            model: try Self.served("digits-mhs"), form: .json, limit: 10_000)
        let object = try Self.object(encoder.encode([.prediction(prediction)]))
        let predictions = try #require(object["predictions"] as? [[String: Any]])
        #expect(predictions.count == 1 && predictions[0].isEmpty)
    }

    @Test func theLimitHoldsToTheByte() throws {
        let model = try Self.served("digits-mhs")
        let outcomes = [RowOutcome.prediction(Self.prediction), .prediction(Self.prediction)]
        guard
            case .json(let bytes) = PredictionEncoder(model: model, form: .json, limit: .max)
                .encode(outcomes)
        else {
            Issue.record("no answer")
            return
        }
        for (limit, status) in [(bytes.count - 1, 422), (bytes.count, 200), (bytes.count + 1, 200)]
        {
            #expect(
                PredictionEncoder(model: model, form: .json, limit: limit).encode(outcomes).status
                    == status)
        }
    }

    @Test func aRowThatFailedNamesItself() throws {
        let encoder = PredictionEncoder(
            model: try Self.served("digits-mhs"), form: .json, limit: 10_000)
        let answer = encoder.encode([.prediction(Self.prediction), .overflow])
        guard case .refusal(let refusal) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(refusal.status == 422)
        #expect(refusal.pointer?.text == "/instances/1")
        #expect(encoder.encode([.notWanted]).status == 504)
    }

    /// An array has no JSON pointers.
    @Test func aRowOfAnArrayThatFailedIsNamedByItsNumber() throws {
        let encoder = PredictionEncoder(
            model: try Self.served("digits-mhs"), form: .array, limit: 10_000)
        guard case .refusal(let refusal) = encoder.encode([.overflow]) else {
            Issue.record("no refusal")
            return
        }
        #expect(refusal.status == 422)
        #expect(refusal.pointer == nil)
        #expect(refusal.detail.hasPrefix("row 0 of the array: "))
    }

    @Test func aNumberThatIsNotFiniteNeverReachesTheWire() throws {
        var prediction = Self.prediction
        prediction.uncertainty?.predictiveEntropy = .nan
        let encoder = PredictionEncoder(
            model: try Self.served("digits-mhs"), form: .json, limit: 10_000)
        #expect(encoder.encode([.prediction(prediction)]).status == 500)
    }
}
