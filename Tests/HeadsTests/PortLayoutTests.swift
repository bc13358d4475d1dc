import Checkpoints
import Fixtures
import LogitKernels
import Predictions
import Testing

@testable import Heads

/// The PyTorch ports, each with its own law.
@Suite struct PortLayoutTests {
    // MARK: url

    @Test func `the URL port needs no manifest`() throws {
        let model = try Model.load(
            path: Fixtures.folder("het/hetxl-pytorch-url/checkpoint.pth"))
        let head = try #require(model.head as? HeteroscedasticHead)
        #expect(head.summary.kind == .hetXL && head.link == .softmax)
        #expect(head.weights.factorCount == 3)
        #expect(head.weights.diagonalNoise == .shared)
        // case.json has the softplus of the stored float32; ours is rounded to float32 once.
        #expect(abs(Double(head.weights.temperature) - 0.9457467346231254) <= 0x1p-24)
    }

    @Test(arguments: ["", "model.head."])
    func `a URL head stands below any prefix`(_ prefix: String) throws {
        let report = try Self.url(prefix, rank: 2).report(ModelManifest())
        #expect(report.prefix == prefix && report.head == .hetXL)
        #expect(report.sizes.factorCount == 2)
        #expect(report.missingKeys.isEmpty)
    }

    @Test func `a URL head without factors has diagonal noise only`() throws {
        let head = try #require(
            try Self.url("", rank: 0).head(ModelManifest()) as? HeteroscedasticHead)
        #expect(head.weights.factorCount == 0)
    }

    static func url(_ prefix: String, rank: Int) -> ArrayFile {
        var random = SeededRandom(seed: 2)
        var file = ArrayFile()
        file.add(prefix + "C", [5, 5 * rank + 5], &random)
        file.add(prefix + "temp", [], &random)
        file.add(prefix + "fc.weight", [4, 5], &random)
        file.add(prefix + "fc.bias", [4], &random)
        return file
    }

    @Test func `what the URL file tells may not be told again`() throws {
        let file = Self.url("", rank: 1)
        var hot = ModelManifest()
        hot.temperature = 1
        var bounded = ModelManifest()
        bounded.temperatureBounds = [0.05, 5]
        var sigmoid = ModelManifest()
        sigmoid.link = .sigmoid
        var het = ModelManifest()
        het.head = .het
        let path = ArrayFile.path
        let start = "\(path): model.json: "
        #expect(
            try file.refusal(hot) == start
                + "'temperature' contradicts the checkpoint: it stores its own in 'temp'")
        #expect(
            try file.refusal(bounded) == start
                + "'temperature_bounds' contradicts the checkpoint: it stores its own in 'temp'")
        #expect(
            try file.refusal(sigmoid) == start + "'link' contradicts the checkpoint: "
                + "a head of mkirchhof/url has softmax link")
        #expect(
            try file.refusal(het) == start + "'head' contradicts the checkpoint: "
                + "mkirchhof/url writes het-xl heads only")
    }

    @Test func `a URL temperature that is none is refused`() throws {
        var file = Self.url("", rank: 1)
        file["temp"]?.values = [-200]
        let text = try #require(try file.refusal())
        #expect(text.hasPrefix("\(ArrayFile.path): tensor 'temp' is -200.0: its softplus"))
    }

    // MARK: untangle

    static let prefix = "_classifier."

    /// N is the width of the noise.
    static func untangle(
        features: Int, classes: Int, latents: Int, rank: Int, inputs: Int? = nil
    ) -> ArrayFile {
        var random = SeededRandom(seed: 6)
        var file = ArrayFile()
        for (name, outputs, inputs) in [
            ("_low_rank_cov_layer", latents * rank, inputs ?? features),
            ("_diagonal_std_layer", latents, inputs ?? features),
            ("_classifier", classes, features),
        ] {
            file.add(prefix + name + ".weight", [outputs, inputs], &random)
            file.add(prefix + name + ".bias", [outputs], &random)
        }
        // The module's classifier is the backbone's own.
        file.add("model.fc.weight", [classes, features], &random)
        file.add("model.fc.bias", [classes], &random)
        return file
    }

    static var manifest: ModelManifest {
        var manifest = ModelManifest()
        manifest.temperature = 0.8
        return manifest
    }

    @Test(arguments: [true, false])
    func `untangle heads follow the equations`(_ isXL: Bool) throws {
        let (features, classes, rank, samples) = (5, 4, 3, 40)
        let latents = isXL ? features : classes
        let file = Self.untangle(
            features: features, classes: classes, latents: latents, rank: rank)
        var head = try #require(try file.head(Self.manifest) as? HeteroscedasticHead)
        head.path = .latents  // which the given draws are for
        #expect(head.summary.kind == (isXL ? .hetXL : .het))
        #expect(head.weights.diagonalNoise == .independent)
        var random = SeededRandom(seed: 8)
        let x = random.floats(features)
        let draws = GivenDraws(
            values: random.floats(samples * (rank + latents), in: -2...2),
            dimensionCount: rank + latents)
        let answer = try predictions(
            head, x, everything(samples: samples, estimator: .only(.monteCarlo)),
            context: ComputeContext(kernel: .threads(1), noise: draws))[0]
        let found = try #require(answer.probabilities).map { Double($0) }
        var sample = ReferenceSample(
            head: ReferenceHead(file: file, prefix: Self.prefix, isJAX: false), member: 0,
            isXL: isXL, temperature: 0.8)
        sample.names.location = "_classifier"
        sample.names.diagonal = "_diagonal_std_layer"
        sample.names.full = "_low_rank_cov_layer"
        var means = [Double](repeating: 0, count: classes)
        for index in 0..<samples {
            let draw = draws.values[index * (rank + latents)..<(index + 1) * (rank + latents)]
                .map { Double($0) }
            let logits = try sample.logits(
                x.map { Double($0) }, factors: Array(draw.prefix(rank)),
                diagonal: Array(draw.dropFirst(rank)))
            for (k, p) in ReferenceHead.softmax(logits).enumerated() {
                means[k] += p / Double(samples)
            }
        }
        // As in BatchEnsembleTests: float32 rounding of small sums.
        let error = zip(found, means).map { abs($0 - $1) }.max() ?? 1
        #expect(error <= BatchEnsembleTests.tolerance)
    }

    struct GivenDraws: NoiseSource {
        let values: [Float]
        let dimensionCount: Int

        func fill(_ draws: inout MutableSpan<Float>, _ block: DrawBlock, kernel: LogitKernel) {
            precondition(block.dimensionCount == dimensionCount && block.firstSample == 0)
            for index in draws.indices { draws[index] = values[index] }
        }
    }

    @Test func `untangle asks for the temperature and for the head when square`() throws {
        let file = Self.untangle(features: 5, classes: 4, latents: 5, rank: 2)
        #expect(try file.report(ModelManifest()).missingKeys == ["temperature"])
        let square = Self.untangle(features: 4, classes: 4, latents: 4, rank: 2)
        #expect(try square.report(ModelManifest()).missingKeys == ["head", "temperature"])
        for kind in [HeadKind.het, .hetXL] {
            var manifest = Self.manifest
            manifest.head = kind
            #expect(try square.head(manifest).summary.kind == kind)
        }
    }

    @Test func `an older revision whose noise sees the logits is refused`() throws {
        let file = Self.untangle(features: 5, classes: 4, latents: 4, rank: 2, inputs: 4)
        let text = try #require(try file.refusal(Self.manifest))
        #expect(text.contains("'_classifier._diagonal_std_layer.weight' has shape [4, 4]"))
        #expect(text.contains("older revision"))
    }
}
