import Checkpoints
import Fixtures
import Predictions
import Testing

@testable import Heads

/// Heads that loading refuses by names, shapes or keys: inspection refuses them with the same
/// words.
@Suite struct InspectionPromiseTests {
    /// A cascade of 10 groups: embeddings of `table`, a hidden layer of 12 outputs.
    private static func cascade(table: [Int]) -> ArrayFile {
        var file = ArrayFile(layers: [("group", [10, 8]), ("classifier", [12, 8])])
        var random = SeededRandom(seed: 41)
        file.add("embed.weight", table, &random)
        return file
    }

    private static func expect(
        _ file: ArrayFile, _ manifest: ModelManifest, _ refusal: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let checkpoint = try file.checkpoint()
        let recognition = HeadRecognition(manifest: manifest, checkpoint: checkpoint)
        let inspected = #expect(throws: ModelError.self, sourceLocation: sourceLocation) {
            try recognition.report()
        }
        let text = try #require(
            try file.refusal(manifest), "nothing is refused", sourceLocation: sourceLocation)
        #expect(
            text == "\(ArrayFile.path): \(refusal)" && inspected.map { "\($0)" } == text,
            "\(text)", sourceLocation: sourceLocation)
    }

    private static func mhc(_ heads: [Int]?, _ classes: Int? = nil) -> ModelManifest {
        var manifest = ModelManifest()
        (manifest.heads, manifest.classes) = (heads, classes)
        return manifest
    }

    @Test func `embeddings are as wide as the hidden layer`() throws {
        for manifest in [Self.mhc(nil), Self.mhc([10, 10])] {
            try Self.expect(
                Self.cascade(table: [100, 9]), manifest,
                "tensor 'embed.weight' has shape [100, 9], expected [100...100, 12]")
        }
        try Self.expect(
            Self.cascade(table: [97, 9]), Self.mhc(nil),
            "tensor 'embed.weight' has shape [97, 9], expected [any, 12]")
    }

    @Test func `embeddings are no more than the codes`() throws {
        try Self.expect(
            Self.cascade(table: [100, 12]), Self.mhc([10, 5], 50),
            "tensor 'embed.weight' has shape [100, 12], expected [50...50, 12]")
    }

    @Test func `the key that is wrong is named`() throws {
        let file = Self.cascade(table: [100, 12])
        let start = "contradicts the checkpoint:"
        try Self.expect(
            file, Self.mhc([10, 5]),
            "model.json: 'heads' \(start) [10, 5] make fewer codes than 'embed.weight' has "
                + "embeddings, 100")
        try Self.expect(
            file, Self.mhc([10, 5], 60),
            "model.json: 'classes' \(start) it is 60, but 'heads' [10, 5] make 50 codes")
        try Self.expect(
            file, Self.mhc([10, 20], 101),
            "model.json: 'classes' \(start) it is 101, but 'embed.weight' has 100 embeddings")
        try Self.expect(
            file, Self.mhc([10, .max], 100),
            "model.json: 'heads' \(start) [10, 9223372036854775807] make more codes than a number "
                + "of 64 bits counts")
    }

    @Test(arguments: ["fc.weight", "head/kernel", "weight"])
    func `a factor that float32 does not hold is refused`(_ name: String) throws {
        var random = SeededRandom(seed: 42)
        var file = ArrayFile()
        file.add(name, name == "weight" ? [2, 3, 4] : [4, 4], &random)
        file.add("head/bias", [4], &random)
        var manifest = ModelManifest.dense(.sigmoid)
        if name == "weight" { manifest.head = .mhs }
        if name == "fc.weight" { manifest.prefix = "fc" }
        (manifest.scale, manifest.temperature) = (1e30, 1e-30)
        let (text, report) = (try file.refusal(manifest), Result { try file.report(manifest) })
        #expect(try #require(text).contains("logits would be multiplied by"))
        #expect(throws: ModelError.self) { try report.get() }
        (manifest.scale, manifest.temperature, manifest.bias) = (1e-20, nil, 1e30)
        #expect(try #require(try file.refusal(manifest)).contains("the bias over the factor"))
        #expect(throws: ModelError.self) { try file.report(manifest) }
    }

    @Test func `layers of the JAX code are not joined`() throws {
        var random = SeededRandom(seed: 43)
        var file = ArrayFile()
        for layer in ["a", "b"] { file.addLayer(layer, 5, 3, &random) }
        let manifest = ProductListTests.manifest {
            $0.tensors = NamedTensorTests.names(heads: ["a", "b"])
            $0.classes = 9
        }
        try Self.expect(
            file, manifest,
            "tensor 'a/kernel' does not belong there: several layers of the JAX code are not "
                + "joined to one head")
    }

    /// A matrix may be stored in int8 with its scales; a bias may not.
    @Test func `a bias in int8 is refused`() throws {
        let header =
            #"{"fc.weight":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"#
            + #""fc.bias":{"dtype":"I8","shape":[2],"data_offsets":[8,10]},"#
            + #""fc.bias.int8_scale":{"dtype":"F32","shape":[2],"data_offsets":[10,18]}}"#
        let bytes = [UInt8(header.utf8.count), 0, 0, 0, 0, 0, 0, 0] + Array(header.utf8)
        let checkpoint = try Checkpoint.read(bytes + [UInt8](repeating: 0, count: 18), name: "t")
        let recognition = HeadRecognition(manifest: .dense(), checkpoint: checkpoint)
        let error = #expect(throws: ModelError.self) { try recognition.report() }
        let text = try #require(error.map { "\($0)" })
        #expect(text == "t: tensor 'fc.bias' has int8 elements, which are no weights")
    }

    @Test func `labels have codes`() throws {
        try Self.expect(
            ArrayFile(layers: [("classifier", [7, 4])]),
            ProductListTests.manifest { ($0.heads, $0.classes) = ([2, 5], 30) },
            "model.json: 'classes' contradicts the checkpoint: it is 30, but 'heads' [2, 5] make "
                + "10 codes")
    }
}
