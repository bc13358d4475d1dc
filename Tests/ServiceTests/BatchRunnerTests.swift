import Heads
import InferenceAPI
import Predictions
import Synchronization
import Telemetry
import Testing

@testable import Service

@Suite struct BatchRunnerTests {
    /// Whoever has an answer may scrape at once.
    @Test func `an answer is among the rows and samples that are counted`() throws {
        let metrics = try ServiceMetrics(buildVersion: "1", kernel: "baseline") { 0 }
        let model = try PredictionEncoderTests.served("digits-hetxl")
        let runner = BatchRunner(
            engine: ComputeEngine(ComputeOptions()), metrics: metrics, maxRows: 64,
            maxResponseBytes: 1 << 20)
        let seen = Mutex<[[Double]]>([])
        let jobs = (0..<3).map { _ in
            job(of: model) { _ in
                let counted = [metrics.batchRows.sum, Double(model.metrics.samples.value)]
                seen.withLock { $0.append(counted) }
            }
        }
        runner.run(jobs)
        #expect(seen.withLock { $0 } == [[6, 20], [6, 40], [6, 60]])
        #expect(metrics.batchRows.count == 1)
    }

    /// Two rows of ten samples.
    private func job(
        of model: ServedModel, reply: @escaping @Sendable (Answer) -> Void
    ) -> PredictionJob {
        let width = model.model.head.summary.inputCount
        let options = RowOptions(topK: 1, sampleCount: 10, seed: 0, wantsProbabilities: false)
        return PredictionJob(
            model: model, form: .json,
            features: FeatureRows(dense: [Float](repeating: 0.5, count: 2 * width), count: 2),
            rows: [options, options], deadline: .max, admission: 0, reply: reply)
    }
}
