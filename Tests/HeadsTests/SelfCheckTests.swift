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

    /// Beside narrow weights it is 2⁻⁶ = 0.015625.
    @Test(arguments: [WeightFormat.bfloat16, .int8])
    func `narrow weights have a tolerance of their own`(_ weights: WeightFormat) throws {
        #expect(try check(DriftingHead(drift: 0.0156), weights: weights).goldenRowCount == nil)
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
        #expect(try check(try file.head(manifest)).goldenRowCount == nil)
    }

    // MARK: Golden outputs of sampling heads

    /// Whether a head of 100 samples that answers `found` passes for one that answers `expected`.
    private func passes(
        _ found: Float, for expected: Float, weights: WeightFormat = .float32
    ) throws -> Bool {
        var file = ArrayFile()
        file["features"] = .init(name: "features", shape: [1, 3], values: [0, 0, 0])
        file["probabilities"] = .init(
            name: "probabilities", shape: [1, 2], values: [expected, expected])
        let path = FileManager.default.temporaryDirectory.appending(
            path: "headserve-\(UUID().uuidString).npz")
        try Data(file.archive).write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        let model = Model(
            name: "m", version: "1", head: ConstantHead(probability: found), labels: nil,
            sha256: "", weights: weights, goldenPath: path.path)
        do {
            return try SelfCheck(model, engine: ComputeEngine.threads(1)).run()
                .goldenRowCount == 1
        } catch ModelError.goldenDiffers {
            return false
        }
    }

    /// Six standard errors of a difference of two means over S = 100 draws, 6·√(2·p(1 − p)/S) with
    /// p their mean, are 0.2655 for 0.03 and 0.19, where the error of 0.03 alone would be 0.1024.
    /// Both are the means of few draws, so neither is truer than the other.
    @Test(arguments: [
        (Float(0), Float(0.15), true), (0, 0.4, false), (0.03, 0.19, true), (0.5, 0.88, true),
        (0.5, 0.94, false), (1, 0.85, true), (1, 0.6, false),
    ])
    func `two means over draws may differ`(_ left: Float, _ right: Float, _ isNear: Bool) throws {
        #expect(try passes(left, for: right) == isNear)
        #expect(try passes(right, for: left) == isNear)
    }

    /// Beside six standard errors there is the budget of the format, 2⁻⁶ and 2⁻⁴.
    @Test(arguments: [
        (WeightFormat.float32, Float(0)), (.bfloat16, 0x1p-6), (.int8, 0x1p-4),
    ])
    func `the format's budget is added`(_ weights: WeightFormat, _ budget: Float) throws {
        // A mean of 1/2 has 6·√(2·¼/100) = 0.424264, and rounding 2⁻¹⁴ = 0.000061.
        let bound = Float(0.424325) + budget
        #expect(try passes(0.5 + bound / 2 - 0.0005, for: 0.5 - bound / 2, weights: weights))
        #expect(try !passes(0.5 + bound / 2 + 0.0005, for: 0.5 - bound / 2, weights: weights))
    }
}

/// A sampling head whose answer is known.
private struct ConstantHead: Head {
    let probability: Float

    var summary: HeadSummary {
        HeadSummary(
            kind: .hetXL, link: .sigmoid, output: .labelProbabilities, inputCount: 3,
            classCount: 2, factorCount: 0, defaultSampleCount: 100)
    }

    func predict(_ batch: FeatureBatch, _ context: ComputeContext) -> [RowOutcome] {
        let prediction = Prediction(top: [], probabilities: [probability, probability])
        return [RowOutcome](repeating: .prediction(prediction), count: batch.rowCount)
    }
}
