import Synchronization
import Testing

@testable import Heads

/// A head whose answers differ from one call to the next by `drift`.
private final class DriftingHead: Head {
    let drift: Float
    let output: OutputForm
    private let calls = Atomic<Int>(0)

    init(drift: Float, output: OutputForm = .distribution) {
        self.drift = drift
        self.output = output
    }

    var summary: HeadSummary {
        HeadSummary(
            kind: .dense, link: .softmax, output: output, inputCount: 3, classCount: 2,
            factorCount: nil, defaultSampleCount: nil)
    }

    func predict(_ batch: FeatureBatch, _ work: HeadWork) -> [RowOutcome] {
        let call = calls.wrappingAdd(1, ordering: .relaxed).oldValue
        let value = 0.25 + Float(call) * drift
        let prediction =
            output == .scores
            ? Prediction(top: [Candidate(index: 0, score: value)])
            : Prediction(top: [], probabilities: [value, 1 - value])
        return [RowOutcome](repeating: .prediction(prediction), count: batch.rowCount)
    }
}

@Suite struct SelfCheckTests {
    private func check(_ head: any Head) throws -> SelfCheck.Report {
        let model = Model(
            name: "m", version: "1", head: head, labels: nil, sha256: "", goldenPath: nil)
        return try SelfCheck(model, engine: ComputeEngine(threadCount: 1)).run()
    }

    /// The tolerance is 2⁻⁸ = 0.0039.
    @Test(arguments: [OutputForm.distribution, .scores])
    func kernelsThatDisagreeAreFound(output: OutputForm) throws {
        #expect(try check(DriftingHead(drift: 0.0039, output: output)).goldenRowCount == nil)
        for drift in [Float(0.004), -0.004, .nan, .infinity] {
            #expect {
                try check(DriftingHead(drift: drift, output: output))
            } throws: {
                guard case .kernelsDisagree(model: "m", _, _, _) = $0 as? ModelError else {
                    return false
                }
                return true
            }
        }
    }
}
