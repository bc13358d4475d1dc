import Predictions
import Telemetry
import Testing

@testable import Service

/// The metrics of a model, and what an answer adds to them.
@Suite struct ModelMetricsTests {
    private static func metrics() throws -> ModelMetrics {
        try ServiceMetrics(
            buildVersion: "1", kernel: "baseline", routes: EndpointTable.labels
        ) { 0 }.register(model: "m")
    }

    private static func answer(_ change: (inout Prediction) -> Void) -> Prediction {
        var answer = Prediction(
            top: [],
            uncertainty: Uncertainty(
                predictiveEntropy: 0.5, maxProbability: 0.75, estimator: .monteCarlo))
        change(&answer)
        return answer
    }

    @Test func `an answer is counted by what it has`() throws {
        let metrics = try Self.metrics()
        metrics.count(Self.answer { _ in })
        #expect(metrics.entropy.sum == 0.5 && metrics.probability.sum == 0.75)
        #expect(metrics.setSize.count == 0)
        #expect(metrics.abstentions.value == 0 && metrics.unconverged.value == 0)
        metrics.count(Self.answer { $0.uncertainty = nil })
        #expect(metrics.entropy.count == 1 && metrics.probability.count == 1)
    }

    @Test func `sets are counted by their labels`() throws {
        let metrics = try Self.metrics()
        let rule = PredictionSetRule(method: .lac, coverage: 0.9, threshold: 0.5)
        for size in [1, 3] {
            let labels = (0..<size).map { Candidate(index: $0, probability: 0.25) }
            let set = PredictionSet(labels: labels, rule: rule, isComplete: true)
            metrics.count(Self.answer { $0.set = set })
        }
        #expect(metrics.setSize.count == 2 && metrics.setSize.sum == 4)
    }

    @Test(arguments: [nil, false, true] as [Bool?])
    func `only what was asked for and failed is counted`(_ value: Bool?) throws {
        let metrics = try Self.metrics()
        metrics.count(
            Self.answer {
                $0.abstains = value
                $0.uncertainty?.isConverged = value
            })
        #expect(metrics.abstentions.value == (value == true ? 1 : 0))
        #expect(metrics.unconverged.value == (value == false ? 1 : 0))
    }
}
