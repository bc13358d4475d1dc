import Fixtures
import Predictions
import Testing

@testable import Heads

/// Layers between a model's features and its head, which instances must have passed through.
@Suite struct PassedLayerTests {
    static func passed(
        _ layers: [(String, [Int])], vectors: [String] = [],
        _ change: (inout ModelManifest) -> Void = { _ in }
    ) throws -> [String] {
        var file = ArrayFile(layers: layers)
        var random = SeededRandom(seed: 9)
        for name in vectors { file.add(name, [5], &random) }
        return try file.report(.dense(.softmax, change)).passedThrough.map(\.description)
    }

    @Test(arguments: [
        ("classifier.dense", "classifier.out_proj"), ("pre_classifier", "classifier"),
        ("bert.pooler.dense", "classifier"), ("albert.pooler", "classifier"),
        ("head.pre_logits", "head.fc"), ("fc_norm", "head"), ("model.pre_head", "model.head"),
        ("sequence_summary.summary", "logits_proj"), ("projector", "classifier"),
        ("classifier.0", "classifier.3"), ("0", "2"), ("heads.pre_logits", "heads.head"),
    ])
    func `a layer before the head is named`(_ before: String, _ head: String) throws {
        let found = try Self.passed([(before, [5, 5]), (head, [4, 5])])
        #expect(found == ["'\(before)' [5, 5]"])
    }

    @Test(arguments: [
        ("head.norm", "head.fc"), ("classifier.0", "classifier.1"), ("fc_norm", "fc"),
        ("mlp_head.0", "mlp_head.1"), ("head.bn", "head.linear"),
    ])
    func `a normalisation before the head is named`(_ before: String, _ head: String) throws {
        let found = try Self.passed(
            [("body.stem", [5, 5]), (head, [4, 5])],
            vectors: [before + ".weight", before + ".bias"])
        #expect(found == ["'\(before)' [5]"])
    }

    /// On the head's own level a layer of its width stands before it, whatever its name. Some files
    /// have their names in alphabetical order, so the order says nothing.
    @Test(arguments: [
        ("fc1", "fc"), ("dense", "classifier"), ("hidden", "output"), ("projection", "head"),
        ("bottleneck", "classifier"), ("m.zoom", "m.fc"),
    ])
    func `a layer on the head's level with its width is named`(
        _ before: String, _ head: String
    ) throws {
        #expect(try Self.passed([(before, [5, 7]), (head, [4, 5])]) == ["'\(before)' [5, 7]"])
        #expect(try Self.passed([(head, [4, 5]), (before, [5, 5])]) == ["'\(before)' [5, 5]"])
        #expect(try Self.passed([(before, [6, 5]), (head, [4, 5])]).isEmpty)
    }

    @Test func `another head of the same sizes is not`() throws {
        let layers = [("head", [5, 5]), ("head_dist", [5, 5]), ("word_embeddings", [5, 5])]
        #expect(try Self.passed(layers) { $0.prefix = "head" }.isEmpty)
    }

    @Test func `matrices and kernels on its level are named too`() throws {
        var random = SeededRandom(seed: 9)
        var file = ArrayFile()
        for (name, shape) in [("V", [5, 7]), ("W", [4, 5]), ("c", [5]), ("b", [4])] {
            file.add(name, shape, &random)
        }
        let report = try file.report(UnnamedBiasTests.manifest("W", bias: "b"))
        #expect(report.passedThrough.map(\.name) == ["V"] && report.unused.map(\.name) == ["c"])
        var flax = ArrayFile()
        flax.addLayer("params/hidden", 7, 5, &random)
        flax.addLayer("params/head", 5, 4, &random)
        #expect(try flax.report(.dense()).passedThrough.map(\.name) == ["params/hidden"])
    }

    @Test(arguments: [("bn", 5, true), ("bn_out", 4, false), ("bn1", 6, nil)])
    func `a batch normalisation on its level is named by its width`(
        _ name: String, _ width: Int, _ isBefore: Bool?
    ) throws {
        var random = SeededRandom(seed: 9)
        var file = ArrayFile(layers: [("fc", [4, 5])])
        for part in ["weight", "bias", "running_mean", "running_var"] {
            file.add("\(name).\(part)", [width], &random)
        }
        let report = try file.report(.dense())
        #expect(report.passedThrough.map(\.name) == (isBefore == true ? [name] : []))
        #expect(report.unused.map(\.name) == (isBefore == false ? [name] : []))
    }

    @Test func `a batch normalisation behind a convolution is the backbone's`() throws {
        var random = SeededRandom(seed: 9)
        var file = ArrayFile(layers: [("fc", [4, 5])])
        file.add("conv1.weight", [5, 3, 3, 3], &random)
        file.add("bn1.running_mean", [5], &random)
        #expect(try file.report(.dense()).passedThrough.isEmpty)
    }

    @Test(arguments: [("logit_scale", []), ("temperature", [1]), ("class_prior", [4])])
    func `numbers on its level are named as unused`(_ name: String, _ shape: [Int]) throws {
        var random = SeededRandom(seed: 9)
        var file = ArrayFile(layers: [("m.fc", [4, 5])])
        file.add("m." + name, shape, &random)
        file.add("other." + name, shape, &random)
        #expect(try file.report(.dense()).unused.map(\.name) == ["m." + name])
    }

    @Test func `layers of the backbone are not`() throws {
        let layers = [
            ("bert.encoder.layer.0.pooler.dense", [5, 5]), ("bert.encoder.norm", [5, 5]),
            ("bert.fc2", [5, 5]), ("fc", [4, 5]),
        ]
        #expect(try Self.passed(layers).isEmpty)
    }

    /// A text model may take its features from hidden states, with the pooler beside them.
    @Test(arguments: [4, 5, 6])
    func `a layer whose outputs the head cannot get is not`(_ outputs: Int) throws {
        let layers = [("bert.pooler.dense", [outputs, 6]), ("classifier", [4, 5])]
        #expect(try Self.passed(layers).isEmpty == (outputs != 5))
    }

    @Test func `the whole backbone of a sequence is one entry`() throws {
        let layers = [("0.conv1", [9, 9]), ("0.layer1.0.conv", [9, 9]), ("1", [4, 9])]
        #expect(try Self.passed(layers) == ["'0'"])
    }

    @Test func `the layer that runs is not`() throws {
        let layers = [("pre_logits", [5, 6]), ("fc", [4, 5])]
        #expect(try Self.passed(layers) == ["'pre_logits' [5, 6]"])
        #expect(try Self.passed(layers) { $0.preLogits = .tanh }.isEmpty)
    }

    @Test(arguments: ["fc", "model.fc"])
    func `a layer of another module is not`(_ head: String) throws {
        let layers = [("ema.pooler.dense", [5, 5]), (head, [4, 5])]
        #expect(try Self.passed(layers).isEmpty == (head == "model.fc"))
    }

    @Test func `heads of the JAX code name theirs`() throws {
        var random = SeededRandom(seed: 9)
        var file = HeadPlaceTests.het("opt/target/multiclass_head/")
        file.addLayer("opt/target/pre_logits", 7, 5, &random)
        file.addLayer("opt/state/pre_logits", 7, 5, &random)
        let names = try file.report(HeadPlaceTests.manifest()).passedThrough.map(\.description)
        #expect(names == ["'opt/target/pre_logits' [7, 5]"])
        let told = HeadPlaceTests.manifest { $0.preLogits = .tanh }
        #expect(try file.report(told).passedThrough.isEmpty)
    }

    // MARK: Behind

    @Test(arguments: [("classifier.1", "classifier.2.weight"), ("head.fc", "head.temperature")])
    func `what stands behind the layer in its module is refused`(
        _ head: String, _ behind: String
    ) throws {
        var file = ArrayFile(layers: [("stem", [5, 9]), (head, [4, 5])])
        var random = SeededRandom(seed: 9)
        file.add(behind, [4], &random)
        let text = try #require(try file.refusal(.dense()))
        #expect(
            text.contains("tensor '\(behind)' does not belong there: what stands behind '\(head)'"))
        #expect(try file.refusal(.dense { $0.prefix = head }) == nil)
    }
}
