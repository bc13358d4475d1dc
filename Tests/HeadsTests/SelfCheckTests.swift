import Fixtures
import Foundation
import LogitKernels
import Predictions
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

    func predict(_ batch: FeatureBatch, _ context: ComputeContext) -> [RowOutcome] {
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
    private func check(
        _ head: any Head, weights: WeightFormat = .float32
    ) throws -> SelfCheck.Report {
        let model = Model(
            name: "m", version: "1", head: head, labels: nil, sha256: "", weights: weights,
            goldenPath: nil)
        return try SelfCheck(model, engine: ComputeEngine.threads(1)).run()
    }

    /// The tolerance is 2⁻⁸ = 0.0039.
    @Test(arguments: [OutputForm.distribution, .scores])
    func `kernels that disagree are found`(output: OutputForm) throws {
        #expect(try check(DriftingHead(drift: 0.0039, output: output)).golden == nil)
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

    /// Beside narrow weights it is 2⁻⁶ = 0.015625.
    @Test(arguments: [WeightFormat.bfloat16, .int8])
    func `narrow weights have a tolerance of their own`(_ weights: WeightFormat) throws {
        #expect(try check(DriftingHead(drift: 0.0156), weights: weights).golden == nil)
        #expect(throws: ModelError.self) {
            try check(DriftingHead(drift: 0.0157), weights: weights)
        }
    }

    /// 10¹² labels from 120 outputs: nobody has room for all of their probabilities.
    @Test func `a product of very many labels is checked`() throws {
        var random = SeededRandom(seed: 4)
        var file = ArrayFile()
        file.add("classifier.weight", [120, 3], &random)
        file.add("classifier.bias", [120], &random)
        var manifest = ModelManifest()
        manifest.head = .mhp
        manifest.heads = [Int](repeating: 10, count: 12)
        manifest.classes = 1_000_000_000_000
        manifest.headActivation = .softmax
        #expect(try check(try file.head(manifest)).golden == nil)
    }
}
