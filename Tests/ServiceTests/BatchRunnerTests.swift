import Heads
import InferenceAPI
import Predictions
import Synchronization
import Telemetry
import Testing

@testable import Service

@Suite struct BatchRunnerTests {
    /// A client may scrape as soon as it has its answer.
    @Test func `an answer is among the rows and samples that are counted`() throws {
        let metrics = try ServiceMetrics(
            buildVersion: "1", kernel: "baseline", routes: EndpointTable.labels
        ) { 0 }
        let model = try Requests.served("digits-hetxl")
        let runner = BatchRunner(
            metrics: metrics, maxRows: 64, maxResponseBytes: 1 << 20)
        let seen = Mutex<[[Double]]>([])
        let jobs = (0..<3).map { _ in
            let replies = Replies { _ in
                let counted = [metrics.batchRows.sum, Double(model.metrics.samples.value)]
                seen.withLock { $0.append(counted) }
            }
            // Two rows of ten samples.
            return PredictionJob.made(
                of: model, rows: 2, samples: 10, Requests.inFlight(replies))
        }
        runner.run(jobs, with: ComputeTools(engine: ComputeEngine(ComputeOptions())))
        #expect(seen.withLock { $0 } == [[6, 20], [6, 40], [6, 60]])
        #expect(metrics.batchRows.count == 1)
    }
}
