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
            // Two rows of sixteen points.
            return PredictionJob.made(
                of: model, rows: 2, samples: 16, Requests.inFlight(replies))
        }
        runner.run(jobs, with: ComputeTools(engine: ComputeEngine(ComputeOptions())))
        #expect(seen.withLock { $0 } == [[6, 32], [6, 64], [6, 96]])
        #expect(metrics.batchRows.count == 1)
    }

    @Test func `a batch's time is one of its kind of work`() throws {
        let metrics = try ServiceMetrics(
            buildVersion: "1", kernel: "baseline", routes: EndpointTable.labels
        ) { 0 }
        let model = try Requests.served("digits-hetxl")
        let runner = BatchRunner(metrics: metrics, maxRows: 64, maxResponseBytes: 1 << 20)
        let tools = ComputeTools(engine: ComputeEngine(ComputeOptions()))
        var options = RowOptions(topK: 1, sampleCount: 16, seed: 0, wantsProbabilities: false)
        func isKnown(_ kind: RowWork.Kind) -> Bool {
            model.runTimes[kind].nanoseconds(rows: 1, samples: 16) != nil
        }
        options.details.tolerance = 0.5
        runner.run([.made(of: model, options: [options])], with: tools)
        #expect(!isKnown(.law) && !isKnown(.draws) && !isKnown(.points))
        options.details = RowDetails()
        runner.run([.made(of: model, options: [options])], with: tools)
        #expect(!isKnown(.law) && !isKnown(.draws) && isKnown(.points))
        options.estimator = .only(.monteCarlo)
        runner.run([.made(of: model, options: [options])], with: tools)
        #expect(!isKnown(.law) && isKnown(.draws))
    }
}
