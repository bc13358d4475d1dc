import Checkpoints
import Fixtures
import LogitKernels
import Predictions
import Testing

@testable import Heads

/// HET and HET-XL heads against the outputs of the authors' code.
@Suite struct HeteroscedasticFixtureTests {
    static let fixtures = [
        "het-sigmoid-full", "het-softmax-efficient", "hetxl-pytorch-url",
        "hetxl-sigmoid-efficient",
        "hetxl-softmax-bfloat16", "hetxl-softmax-diagonal", "hetxl-softmax-efficient",
        "hetxl-softmax-full", "hetxl-softmax-independent", "hetxl-softmax-wide",
    ]

    /// Contracted: float32 rounding of features, logits of a few units and 64 samples stays below.
    static let recordedTolerance = 1e-5

    static func head(_ name: String) throws -> HeteroscedasticHead {
        let model = try Model.load(path: Fixtures.folder("het/" + name))
        return try #require(model.head as? HeteroscedasticHead)
    }

    /// The largest difference between a head fed with the recorded draws and the recorded answer.
    /// Independent draws were recorded for the latent space, which not every path goes through.
    static func recordedError(_ head: HeteroscedasticHead, _ name: String) throws -> Double {
        var head = head
        if head.weights.diagonalNoise == .independent { head.path = .latents }
        let truth = try Truth("het/" + name)
        let draws = try RecordedDraws(truth)
        let answers = try predictions(
            head, try truth.floats("features"),
            everything(samples: draws.sampleCount, estimator: .only(.monteCarlo)),
            context: ComputeContext(kernel: .threads(1), noise: draws))
        let found = answers.flatMap { $0.probabilities ?? [] }
        let expected = try truth.doubles("recorded_probabilities")
        #expect(found.count == expected.count)
        return zip(found, expected).map { abs(Double($0) - $1) }.max() ?? .infinity
    }

    @Test(arguments: fixtures)
    func `recorded draws give the recorded probabilities`(_ name: String) throws {
        let head = try Self.head(name)
        #expect(try Self.recordedError(head, name) <= Self.recordedTolerance)
    }

    @Test(arguments: fixtures)
    func `both sampling paths give the recorded probabilities`(_ name: String) throws {
        var head = try Self.head(name)
        let isShared = head.weights.diagonalNoise == .shared
        for path in isShared ? [SamplingPath.loadings, .latents] : [.latents] {
            head.path = path
            #expect(try Self.recordedError(head, name) <= Self.recordedTolerance, "\(path)")
        }
    }

    @Test(arguments: fixtures)
    func `own draws follow the reference law`(_ name: String) throws {
        let head = try Self.head(name)
        try Self.checkLaw(head, name)
        guard head.weights.diagonalNoise == .independent else { return }
        for path in [SamplingPath.latents, .covariance] {
            var other = head
            other.path = path
            try Self.checkLaw(other, name)
        }
    }

    private static func checkLaw(_ head: HeteroscedasticHead, _ name: String) throws {
        let truth = try Truth("het/" + name)
        let samples = 1 << 17
        let options = RowOptions(
            topK: .max, sampleCount: samples, seed: 7, estimator: .only(.monteCarlo),
            wantsProbabilities: false)
        let answers = try predictions(
            head, try truth.floats("features"), options,
            context: ComputeContext(kernel: .threads(2)))
        let expected = try truth.rows("reference_probabilities")
        let errors = try truth.rows("reference_standard_error")
        for (answer, (means, referenceErrors)) in zip(answers, zip(expected, errors)) {
            #expect(answer.top.count == means.count)
            for candidate in answer.top {
                let own = Double(try #require(candidate.spread).standardError)
                let reference = referenceErrors[candidate.index]
                // Five standard errors of the difference of two independent estimates, and the
                // float32 rounding of a probability near one.
                let bound = 5 * (own * own + reference * reference).squareRoot() + 0x1p-23
                let found = Double(try #require(candidate.probability))
                #expect(abs(found - means[candidate.index]) <= bound, "label \(candidate.index)")
            }
        }
    }

    // MARK: The checks above can tell right from wrong

    /// Differences that no rounding explains.
    static let plainlyWrong = 1e-3

    @Test func `a swapped reshape order is seen`() throws {
        let name = "hetxl-softmax-full"
        let head = try Self.head(name)
        let (rank, latent) = (head.weights.factorCount, head.weights.latentCount)
        let features = head.weights.featureCount
        let checkpoint = try Checkpoint.open(Fixtures.folder("het/" + name) + "/checkpoint.npz")
        let prefix = "opt/target/multiclass_head/scale_layer/"
        // Column r·N + j where the authors have j·R + r.
        func swapped(_ values: [Float]) -> [Float] {
            stride(from: 0, to: values.count, by: rank * latent).flatMap { start in
                (0..<latent).flatMap { j in
                    (0..<rank).map { values[start + $0 * latent + j] }
                }
            }
        }
        let kernel = swapped(try #require(checkpoint[prefix + "kernel"]).floats())
        let bias = swapped(try #require(checkpoint[prefix + "bias"]).floats())
        let layer = DenseLayer(
            weights: PackedWeights(
                kernel.span, outputCount: rank * latent, inputCount: features, layout: .inputMajor),
            bias: bias)
        let wrong = Self.replacing(head, loadings: .full(layer))
        #expect(try Self.recordedError(wrong, name) > Self.plainlyWrong)
    }

    @Test(arguments: ["hetxl-softmax-efficient", "hetxl-softmax-full", "het-softmax-efficient"])
    func `the other noise law is seen`(_ name: String) throws {
        let truth = try Truth("het/" + name)
        let head = Self.replacing(try Self.head(name), diagonalNoise: .independent)
        let options = everything(samples: 1 << 15)
        let answers = try predictions(head, try truth.floats("features"), options)
        let expected = try truth.doubles("reference_probabilities")
        let found = answers.flatMap { $0.probabilities ?? [] }
        let error = zip(found, expected).map { abs(Double($0) - $1) }.max() ?? 0
        // Sampling error at 2^15 draws is at most 0.5/√2^15 = 0.0028: five of them.
        #expect(error > 5 * 0.5 / (32768.0).squareRoot())
    }

    @Test(arguments: ["hetxl-softmax-efficient", "hetxl-softmax-full", "hetxl-sigmoid-efficient"])
    func `other temperature bounds are seen`(_ name: String) throws {
        let folder = Fixtures.folder("het/" + name)
        let right = try Self.head(name)
        var manifest = ModelManifest()
        manifest.head = .hetXL
        manifest.temperatureBounds = right.weights.temperature < 1.6 ? [0.05, 5] : [0.3, 3]
        let checkpoint = try Checkpoint.open(folder + "/checkpoint.npz")
        let head = try HeadRecognition(manifest: manifest, checkpoint: checkpoint).head()
        let wrong = try #require(head as? HeteroscedasticHead)
        #expect(try Self.recordedError(wrong, name) > Self.plainlyWrong)
    }

    @Test(arguments: [DeviationLaw.floored, DeviationLaw(isSquareRoot: false, floor: 0)])
    func `the other deviation law is seen`(_ deviation: DeviationLaw) throws {
        let name = "hetxl-pytorch-url"
        let wrong = Self.replacing(try Self.head(name), deviation: deviation)
        #expect(try Self.recordedError(wrong, name) > Self.plainlyWrong)
    }

    private static func replacing(
        _ head: HeteroscedasticHead, loadings: FactorLoadings? = nil,
        diagonalNoise: DiagonalNoise? = nil, deviation: DeviationLaw? = nil
    ) -> HeteroscedasticHead {
        let weights = head.weights
        return HeteroscedasticHead(
            members: [
                HeteroscedasticWeights(
                    location: weights.location, diagonal: weights.diagonal,
                    loadings: loadings ?? weights.loadings, factorCount: weights.factorCount,
                    space: weights.space, diagonalNoise: diagonalNoise ?? weights.diagonalNoise,
                    deviation: deviation ?? weights.deviation, temperature: weights.temperature)
            ],
            link: head.link, defaultSampleCount: head.defaultSampleCount,
            preLogits: head.preLogits)
    }
}
