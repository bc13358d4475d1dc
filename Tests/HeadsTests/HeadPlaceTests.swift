import Fixtures
import LogitKernels
import Predictions
import Testing

@testable import Heads

/// The places where heads of the JAX code are looked for, and those that are passed over.
@Suite struct HeadPlaceTests {
    static let (features, classes) = (5, 4)

    static func het(_ prefixes: String...) -> ArrayFile {
        var random = SeededRandom(seed: 1)
        var file = ArrayFile()
        for prefix in prefixes {
            file.addLayer(prefix + "loc_layer", features, classes, &random)
            file.addLayer(prefix + "diag_layer", features, features, &random)
        }
        return file
    }

    static func manifest(_ change: (inout ModelManifest) -> Void = { _ in }) -> ModelManifest {
        var manifest = ModelManifest()
        manifest.temperature = 1
        change(&manifest)
        return manifest
    }

    @Test(arguments: [
        ("opt/target/multiclass_head/", Link?.some(.softmax)),
        ("params/multilabel_head/", .some(.sigmoid)), ("multiclass_head/", .some(.softmax)),
        ("", nil), ("opt/target/head/", nil), ("decoder/heteroscedastic_head/", nil),
        ("params/output_projection/", nil), ("anything/at/all/", nil),
    ])
    func `a head is found below any prefix`(_ prefix: String, _ link: Link?) throws {
        let file = Self.het(prefix)
        let report = try file.report(Self.manifest())
        #expect(report.prefix == prefix)
        #expect(report.missingKeys == (link == nil ? ["link"] : []))
        let head = try file.head(Self.manifest { if link == nil { $0.link = .sigmoid } })
        #expect(head.summary.link == link ?? .sigmoid)
    }

    @Test(arguments: ["opt/state/param_states/head/", "extra/head/", "states/head/"])
    func `what training left beside the weights is passed over`(_ prefix: String) throws {
        let both = Self.het("opt/target/multiclass_head/", prefix)
        #expect(try both.report(Self.manifest()).prefix == "opt/target/multiclass_head/")
        #expect(try Self.het(prefix).refusal()?.contains("no known head") == true)
    }

    @Test func `one of several heads is named by its prefix`() throws {
        let file = Self.het("opt/target/multiclass_head/", "opt/target/multilabel_head/")
        #expect(
            try file.refusal(Self.manifest()) == "\(ArrayFile.path): model.json must say "
                + "'prefix': there are heads at 'opt/target/multiclass_head/' [5, 4], "
                + "'opt/target/multilabel_head/' [5, 4]")
        for told in [
            "opt/target/multilabel_head", "opt/target/multilabel_head/", "multilabel_head",
        ] {
            let head = try file.head(Self.manifest { $0.prefix = told })
            #expect(head.summary.link == .sigmoid)
        }
        #expect(
            try file.refusal(Self.manifest { $0.prefix = "label_head" })
                == "\(ArrayFile.path): model.json: 'prefix' contradicts the checkpoint: heads are "
                + "at 'opt/target/multiclass_head/' [5, 4], 'opt/target/multilabel_head/' [5, 4]")
    }

    @Test func `an exact prefix is not ambiguous`() throws {
        let file = Self.het("head/", "params/head/")
        let manifest = Self.manifest { $0.prefix = "head" }
        #expect(try file.report(manifest).prefix == "head/")
    }

    // MARK: Dense heads

    static func dense(_ prefix: String) -> ArrayFile {
        var random = SeededRandom(seed: 1)
        var file = ArrayFile()
        file.addLayer(prefix, features, classes, &random)
        file.addLayer("opt/target/Transformer/encoderblock_0/Dense_0", features, 7, &random)
        return file
    }

    @Test(arguments: [
        ("opt/target/head", ["head", "link"]), ("params/multiclass_head", ["head"]),
        ("multilabel_head", ["head"]), ("batchensemble_head", ["head", "link"]),
    ])
    func `a dense head is served when it is called that`(_ place: String, _ keys: [String]) throws {
        let file = Self.dense(place)
        #expect(try file.report(ModelManifest()).missingKeys == keys)
        var manifest = ModelManifest()
        manifest.head = .dense
        if keys.contains("link") { manifest.link = .softmax }
        let summary = try file.head(manifest).summary
        #expect(summary.kind == .dense)
        #expect(summary.link == (place == "multilabel_head" ? .sigmoid : .softmax))
        #expect([summary.inputCount, summary.classCount] == [Self.features, Self.classes])
    }

    @Test func `a dense head of another name is found by its prefix`() throws {
        let file = Self.dense("opt/target/logits")
        var manifest = ModelManifest()
        (manifest.head, manifest.link) = (.dense, .softmax)
        #expect(try file.refusal(manifest)?.contains("no known head") == true)
        manifest.prefix = "logits"
        #expect(try file.head(manifest).summary.classCount == Self.classes)
    }

    @Test func `the number of classes may not be told wrong`() throws {
        for file in [Self.het("multiclass_head/"), Self.dense("multiclass_head")] {
            for classes in [3, 4, 5] {
                var manifest = ModelManifest()
                manifest.classes = classes
                if file["multiclass_head/kernel"] == nil { manifest.temperature = 1 }
                if manifest.temperature == nil { manifest.head = .dense }
                let expected =
                    "\(ArrayFile.path): model.json: 'classes' contradicts the checkpoint: its "
                    + "weights have 4 outputs"
                #expect(try file.refusal(manifest) == (classes == 4 ? nil : expected))
            }
        }
    }

    // MARK: Gaussian processes

    @Test(arguments: [
        "states/random_features/head/kernel", "states/laplace_covariance/head/precision_matrix",
        "opt/target/head/loc_layer/output_layer/kernel",
    ])
    func `a head with a Gaussian process is refused`(_ tensor: String) throws {
        var random = SeededRandom(seed: 1)
        var file = Self.het("opt/target/head/")
        file.add(tensor, [2, 2], &random)
        #expect(
            try file.refusal(Self.manifest()) == "\(ArrayFile.path): this is a HetSNGP head "
                + "(tensor '\(tensor)'): its Gaussian-process variance is not supported")
        var plain = Self.dense("opt/target/head")
        plain.add("states/random_features/head/kernel", [2, 2], &random)
        #expect(try plain.refusal()?.contains("this is an SNGP head") == true)
    }

    // MARK: Padding

    /// The multi-GPU code pads its table by one row whenever the last group is not full, also when
    /// that row fills it: the same labels, and the same local softmax, as without the row.
    @Test(arguments: [Task.singleLabel, .multiLabel])
    func `a pad that fills the last group is no label`(task: Task) throws {
        var random = SeededRandom(seed: 6)
        var padded = ArrayFile()
        padded.add("group_classifer.weight", [2, 4], &random)
        padded.add("group_classifer.bias", [2], &random)
        padded.add("sub_classifer.weight", [3, 4], &random)
        padded.add("sub_classifer.bias", [3], &random)
        padded.add("embedding.weight", [6, 3], &random)
        var plain = padded
        let values = try #require(padded["embedding.weight"]).values
        plain["embedding.weight"] = .init(
            name: "embedding.weight", shape: [5, 3], values: Array(values.prefix(15)))
        var manifest = ModelManifest()
        manifest.heads = [2, 3]
        manifest.classes = 5
        manifest.task = task
        manifest.headActivation = .softmax
        let x = random.floats(4)
        let context = ComputeContext(kernel: .threads(1))
        let options = RowOptions(
            topK: 6, sampleCount: 1, seed: 0, wantsProbabilities: task == .singleLabel)
        let batch = FeatureBatch(features: x, options: [options])
        let answers = [padded, plain].map { file in
            Result { try file.head(manifest).predict(batch, context) }
        }
        #expect(try answers[0].get() == answers[1].get())
    }
}
