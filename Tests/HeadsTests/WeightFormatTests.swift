import Checkpoints
import Fixtures
import Foundation
import LogitKernels
import Predictions
import Testing

@testable import Heads

/// Heads whose matrices are held in bfloat16 and int8, against the outputs of the authors' code and
/// against themselves.
@Suite struct WeightFormatTests {
    static let narrow = [WeightFormat.bfloat16, .int8]
    static let multiHead = [
        ("mhp-3heads", "joint_softmax"), ("mhp-2heads-module", "joint_softmax"),
        ("mhc-2heads", "joint_softmax"), ("mhc-3heads", "joint_softmax"),
        ("mhs", "probabilities"), ("mhs-bfloat16", "probabilities"),
        ("arcface-mhs", "probabilities"),
    ]

    /// Weights and inputs are rounded, within the budget of the format, and they are rounded: an
    /// answer that float32 could have given comes from float32.
    private static func expectNarrow(
        _ error: Double, _ format: WeightFormat, exact: Double, _ comment: Comment
    ) {
        #expect(error <= Double(format.probabilityError) + exact, comment)
        #expect(error > exact, comment)
    }

    @Test(arguments: multiHead, narrow)
    func `multi heads stay within the budget`(_ fixture: (String, String), _ format: WeightFormat)
        throws
    {
        let folder = Fixtures.folder("mhe/" + fixture.0)
        let truth = try Truth("mhe/" + fixture.0)
        let model = try Model.load(path: folder, weights: format)
        let answers = try predictions(model.head, try truth.floats("features"), everything())
        let found = answers.flatMap { $0.probabilities ?? [] }
        let expected = try truth.doubles(fixture.1)
        #expect(found.count == expected.count)
        let error = zip(found, expected).map { abs(Double($0) - $1) }.max() ?? .infinity
        Self.expectNarrow(
            error, format, exact: MultiHeadFixtureTests.tolerance, "\(fixture.0) \(format)")
    }

    @Test(arguments: HeteroscedasticFixtureTests.fixtures, narrow)
    func `recorded draws stay within the budget`(_ name: String, _ format: WeightFormat) throws {
        let model = try Model.load(path: Fixtures.folder("het/" + name), weights: format)
        let head = try #require(model.head as? HeteroscedasticHead)
        let error = try HeteroscedasticFixtureTests.recordedError(head, name)
        Self.expectNarrow(
            error, format, exact: HeteroscedasticFixtureTests.recordedTolerance,
            "\(name) \(format)")
    }

    /// The budget tells a wrong head from a rounded one.
    @Test(arguments: narrow)
    func `the budget is smaller than a mistake`(_ format: WeightFormat) throws {
        let truth = try Truth("mhe/mhs")
        let model = try Model.load(path: Fixtures.folder("mhe/mhs"), weights: format)
        let width = model.head.summary.inputCount
        let features = try truth.floats("features")
        let shifted = Array(features[width...] + features[..<width])
        let found = try predictions(model.head, shifted, everything())
            .flatMap { $0.probabilities ?? [] }
        let error = zip(found, try truth.doubles("probabilities")).map { abs(Double($0) - $1) }
        #expect((error.max() ?? 0) > Double(format.probabilityError))
    }

    // MARK: The same bytes

    private static let models =
        ["hetxl-softmax-efficient", "hetxl-softmax-full", "hetxl-softmax-independent"]
        .map { Fixtures.folder("het/" + $0) }
        + ["mhp-3heads", "mhc-2heads", "mhc-xmc", "mhs", "arcface-mhs"]
        .map { Fixtures.folder("mhe/" + $0) }

    @Test(arguments: models, narrow)
    func `a row does not depend on batch or threads`(_ path: String, _ format: WeightFormat) throws
    {
        let head = try Model.load(path: path, weights: format).head
        let width = head.summary.inputCount
        let rows = (0..<9).map { row in (0..<width).map { Float(sin(Double(row * 7 + $0))) } }
        let options = RowOptions(
            topK: 5, sampleCount: 30, seed: 3, wantsProbabilities: head.summary.output != .scores)
        func outcomes(_ rows: [[Float]], threads: Int) -> [RowOutcome] {
            let batch = FeatureBatch(
                features: rows.flatMap { $0 },
                options: [RowOptions](repeating: options, count: rows.count))
            return head.predict(batch, ComputeContext(kernel: .threads(threads)))
        }
        let together = outcomes(rows, threads: 1)
        for threads in [1, 2, 3] {
            #expect(outcomes(rows, threads: threads) == together)
            #expect(rows.flatMap { outcomes([$0], threads: threads) } == together)
            #expect(outcomes(rows.reversed(), threads: threads) == together.reversed())
        }
    }

    // MARK: What is refused

    private func head(_ file: ArrayFile, _ format: WeightFormat) throws -> any Head {
        var manifest = ModelManifest()
        manifest.head = .dense
        manifest.link = .softmax
        return try HeadRecognition(
            manifest: manifest, checkpoint: try file.checkpoint(), weights: format
        ).head()
    }

    private func file(inputs: Int, weight: Float = 0.5) -> ArrayFile {
        var file = ArrayFile()
        var values = [Float](repeating: 0.25, count: 2 * inputs)
        values[inputs] = weight
        file["weight"] = .init(name: "weight", shape: [2, inputs], values: values)
        return file
    }

    /// Sums of products of bytes fit 32 bits up to 2¹⁷ inputs.
    @Test(arguments: [(1 << 17) - 1, 1 << 17, (1 << 17) + 1])
    func `int8 takes so many inputs`(_ inputs: Int) throws {
        let file = file(inputs: inputs)
        #expect(try head(file, .bfloat16).summary.inputCount == inputs)
        guard inputs > 1 << 17 else {
            #expect(try head(file, .int8).summary.inputCount == inputs)
            return
        }
        #expect {
            try head(file, .int8)
        } throws: {
            "\($0)".contains(
                "tensor 'weight' has 131073 inputs; in int8 weights may have 131072")
        }
    }

    /// Half way between the largest bfloat16, 255·2¹²⁰, and what would be the next.
    @Test func `a weight that bfloat16 loses is named`() throws {
        let middle: Float = 0x1.FFp127
        let kept = file(inputs: 3, weight: middle.nextDown)
        #expect(throws: Never.self) { try head(kept, .bfloat16) }
        #expect {
            try head(file(inputs: 3, weight: middle), .bfloat16)
        } throws: {
            "\($0)".contains("tensor 'weight'") && "\($0)".contains("too large for bfloat16")
        }
        for format in [WeightFormat.float32, .int8] {
            #expect(throws: Never.self) { try head(file(inputs: 3, weight: middle), format) }
        }
    }

    /// Served in the format it was converted to, a model answers as the original does in that
    /// format: rounding twice is rounding once. The scale of int8 may move by a rounding.
    @Test(arguments: zip(narrow, [StoredWeights.bfloat16, .int8]))
    func `converted models are rounded once`(_ format: WeightFormat, _ stored: StoredWeights) throws
    {
        let target = FileManager.default.temporaryDirectory.appending(
            path: "headserve-\(UUID().uuidString).safetensors"
        ).path
        defer { try? FileManager.default.removeItem(atPath: target) }
        let source = Fixtures.folder("mhe/mhs")
        _ = try ModelConversion(path: source, to: target).write(
            weights: stored, engine: .threads(1))
        let features = try Truth("mhe/mhs").floats("features")
        let answers = try [source, target].map { path in
            try predictions(
                try Model.load(path: path, weights: format).head, features, everything()
            ).flatMap { $0.probabilities ?? [] }
        }
        // 2⁻²³ of the scale, of logits below 2⁴, through a softmax.
        let error = zip(answers[0], answers[1]).map { abs($0 - $1) }.max() ?? .infinity
        #expect(error <= (format == .int8 ? 0x1p-20 : 0))
    }

    @Test func `as stored is exact`() throws {
        for name in ["mhs", "mhs-bfloat16"] {
            let model = try Model.load(path: Fixtures.folder("mhe/" + name))
            #expect(model.weightsName == "float32")
        }
    }
}
