import Fixtures
import Predictions
import Testing

@testable import Heads

/// Vectors beside a head's weights that could be its bias: one that nobody names is not dropped.
@Suite struct UnnamedBiasTests {
    static let x: [Double] = [0.5, -0.25, 1, 0.75, -1]

    /// A matrix [4, 5] and a vector [4] under these names.
    static func file(_ weight: String, _ bias: String, _ count: [Int] = [4]) -> ArrayFile {
        var random = SeededRandom(seed: 21)
        var file = ArrayFile()
        file.add(weight, [4, 5], &random)
        file.add(bias, count, &random)
        return file
    }

    /// Each with what chooses the weights, where their name does not.
    static let pairs: [(weight: String, bias: String, told: String?)] = [
        ("W", "b", "W"), ("arr_0", "arr_1", "arr_0"), ("coef", "intercept", "coef"),
        ("fc.w", "fc.b", "fc.w"), ("classifier_weight", "classifier_bias", "classifier_weight"),
        ("weight", "b", nil), ("weight", "BIAS", nil), ("fc.weight", "fc_bias", nil),
        ("model.fc.weight", "model.prior", nil), ("coef_", "intercept", nil),
        ("cls.decoder.weight", "cls.bias", "cls.decoder"),
        ("net/out/kernel", "net/bias", "net/out"),
    ]

    static func manifest(
        _ weight: String?, bias: String? = nil, none: Bool = false
    ) -> ModelManifest {
        .dense { manifest in
            guard weight != nil || bias != nil || none else { return }
            var names = TensorNames()
            (names.weight, names.bias, names.hasNoBias) = (weight, bias, none)
            manifest.tensors = names
        }
    }

    @Test(arguments: pairs)
    func `it is refused with the keys that settle it`(
        _ weight: String, _ bias: String, _ told: String?
    ) throws {
        let isJAX = weight.hasSuffix("kernel")
        let file = Self.file(weight, bias, isJAX ? [5] : [4])
        let text = try #require(try file.refusal(Self.manifest(told)))
        #expect(text.contains("model.json must say 'tensors': beside the weights '\(weight)'"))
        #expect(text.contains("there is '\(bias)' [\(isJAX ? 5 : 4)]; \"tensors\": {"))
        #expect(text.contains("\"bias\": \"\(bias)\"} makes it the bias"))
    }

    @Test(arguments: pairs)
    func `it is added where it is named, and not where there is said to be none`(
        _ weight: String, _ bias: String, _ told: String?
    ) throws {
        guard !weight.hasSuffix("kernel") else { return }
        let file = Self.file(weight, bias)
        let x = Self.x.map { Float($0) }
        expectClose(
            try file.probabilities(Self.manifest(told, bias: bias), x),
            ReferenceHead.softmax(try file.affine(weight, bias, Self.x)))
        let without = Self.manifest(told, none: true)
        expectClose(
            try file.probabilities(without, x),
            ReferenceHead.softmax(try file.affine(weight, nil, Self.x)))
        #expect(try file.report(without).unused.map(\.name) == [bias])
    }

    @Test(arguments: [[1, 4], [4, 1]])
    func `a row or a column of numbers could be one too`(_ shape: [Int]) throws {
        let text = try #require(try Self.file("W", "b", shape).refusal(Self.manifest("W")))
        #expect(text.contains("there is 'b' \(shape)"))
    }

    /// As the recipes of numpy.savez would leave it where `fit_intercept` is off.
    @Test func `one number with the name of a bias could be one too`() throws {
        for (name, isRefused) in [("intercept", true), ("epoch_loss", false)] {
            let text = try Self.file("W", name, []).refusal(Self.manifest("W"))
            #expect(text?.contains("there is '\(name)' []") ?? false == isRefused)
        }
    }

    /// Batch normalisations as wide as K, and what belongs to other modules.
    @Test(arguments: ["bn.weight", "blocks.0.norm", "net.bias", "m.fc.scale_", "opt/state/b"])
    func `vectors on other levels are no bias`(_ name: String) throws {
        #expect(try Self.file("fc.weight", name).refusal(Self.manifest(nil)) == nil)
    }

    @Test func `several vectors are all named`() throws {
        var file = Self.file("W", "b")
        var random = SeededRandom(seed: 22)
        file.add("c", [4], &random)
        let text = try #require(try file.refusal(Self.manifest("W")))
        #expect(text.contains("there is 'b' [4], 'c' [4]; "))
        #expect(try file.report(Self.manifest("W", bias: "c")).unused.map(\.name) == ["b"])
    }

    @Test func `integers are no bias`() throws {
        var file = Self.file("W", "b")
        file["b"] = .init(name: "b", shape: [4], values: [0, 1, 2, 3], areIntegers: true)
        #expect(try file.refusal(Self.manifest("W")) == nil)
    }

    @Test func `a layer with a bias is not said to have none`() throws {
        let file = ArrayFile(layers: [("fc", [4, 5])])
        let text = try #require(try file.refusal(Self.manifest(nil, none: true)))
        #expect(text.contains("'fc.bias' does not belong there: 'tensors' in model.json says"))
    }

    @Test func `null is read and written for a bias alone`() throws {
        let manifest = try ModelManifest.parse(
            Array(#"{"tensors": {"weight": "W", "bias": null}}"#.utf8), path: "model.json")
        #expect(manifest.tensors?.hasNoBias == true && manifest.tensors?.bias == nil)
        #expect(manifest.tensors?.json == #"{"weight": "W", "bias": null}"#)
        #expect(throws: ModelError.self) {
            try ModelManifest.parse(
                Array(#"{"tensors": {"weight": null}}"#.utf8), path: "model.json")
        }
    }

    @Test func `a head without named tensors has no bias to be left out`() throws {
        var manifest = ModelManifest()
        manifest.temperature = 1
        manifest.tensors = Self.manifest(nil, none: true).tensors
        let text = try #require(try HeadPlaceTests.het("multiclass_head/").refusal(manifest))
        #expect(text.contains("has its tensors under fixed names, and no other 'bias'"))
    }

    // MARK: Other heads

    @Test func `the layers of a list of heads have their own biases`() throws {
        var random = SeededRandom(seed: 23)
        var file = ArrayFile()
        for (name, shape) in [("A", [2, 5]), ("B", [3, 5]), ("a", [2]), ("b", [3])] {
            file.add(name, shape, &random)
        }
        var names = TensorNames()
        names.heads = ["A", "B"]
        var manifest = ModelManifest()
        (manifest.head, manifest.classes, manifest.headActivation) = (.mhp, 6, .softmax)
        manifest.tensors = names
        let text = try #require(try file.refusal(manifest))
        #expect(text.contains("beside the weights 'A', which have no bias, there is 'a' [2]"))
        manifest.tensors?.hasNoBias = true
        #expect(try file.refusal(manifest) == nil)
    }

    @Test(arguments: [[6], [2, 3]])
    func `a head whose tensors have fixed names has it under its own`(_ shape: [Int]) throws {
        var random = SeededRandom(seed: 25)
        var file = ArrayFile()
        file.add("weight", [2, 3, 5], &random)
        file.add("b", shape, &random)
        var manifest = ModelManifest()
        manifest.head = .mhs
        let text = try #require(try file.refusal(manifest))
        #expect(text.contains("tensor 'b' does not belong there: it could be the bias of 'weight'"))
        file["bias"] = file["b"].map { .init(name: "bias", shape: $0.shape, values: $0.values) }
        file["b"] = nil
        file.add("logit_scale", [], &random)
        #expect(try file.report(manifest).unused.map(\.name) == ["logit_scale"])
    }

    @Test func `a bias of a layer before the head is not taken for a transposed one's`() throws {
        var random = SeededRandom(seed: 26)
        var file = ArrayFile()
        for (name, shape) in [("V", [5, 7]), ("b", [5]), ("W", [4, 5])] {
            file.add(name, shape, &random)
        }
        let report = try file.report(Self.manifest("W"))
        #expect(report.unused.map(\.name) == ["b"] && report.passedThrough.map(\.name) == ["V"])
    }

    @Test func `a layer before the head has its own bias too`() throws {
        var file = Self.file("W", "b")
        var random = SeededRandom(seed: 24)
        file.add("V", [5, 7], &random)
        file.add("c", [5], &random)
        var manifest = Self.manifest("W", bias: "b")
        manifest.preLogits = .relu
        manifest.tensors?.preLogits = "V"
        let text = try #require(try file.refusal(manifest))
        #expect(text.contains("'c' [5] stands beside the layer 'V', which has no bias"))
        file["c"] = nil
        #expect(try file.refusal(manifest) == nil)
    }
}
