import Fixtures
import Glibc
import Predictions
import Testing

@testable import Heads

/// The key `tensors`: the names of a head's tensors where they differ from the known ones.
@Suite struct NamedTensorTests {
    static func names(
        weight: String? = nil, bias: String? = nil, preLogits: String? = nil,
        heads: [String]? = nil
    ) -> TensorNames {
        var names = TensorNames()
        (names.weight, names.bias, names.preLogits) = (weight, bias, preLogits)
        names.heads = heads
        return names
    }

    static let x: [Double] = [0.5, -0.25, 1, 0.75, -1]

    /// A layer of PyTorch, one of the JAX code, and a matrix with a vector.
    static func file() -> ArrayFile {
        var file = ArrayFile(layers: [("net.last", [4, 5]), ("net.other", [4, 5])])
        var random = SeededRandom(seed: 12)
        file.addLayer("net/out", 5, 4, &random)
        file.add("matrix", [4, 5], &random)
        file.add("vector", [4], &random)
        return file
    }

    @Test(arguments: ["net.last", "net.last.weight"])
    func `a layer's name stands for its weight and bias`(_ name: String) throws {
        let file = Self.file()
        expectClose(
            try file.probabilities(
                .dense { $0.tensors = Self.names(weight: name) }, Self.x.map { Float($0) }),
            ReferenceHead.softmax(try file.affine("net.last", Self.x)))
    }

    @Test(arguments: [nil, "vector"])
    func `a matrix has the bias that is named`(_ bias: String?) throws {
        var file = Self.file()
        if bias == nil { file["vector"] = nil }
        expectClose(
            try file.probabilities(
                .dense { $0.tensors = Self.names(weight: "matrix", bias: bias) },
                Self.x.map { Float($0) }),
            ReferenceHead.softmax(try file.affine("matrix", bias, Self.x)))
    }

    @Test(arguments: ["net/out", "net/out/kernel"])
    func `a layer of the JAX code has its inputs first`(_ name: String) throws {
        let file = Self.file()
        let reference = ReferenceHead(file: file, prefix: "", isJAX: true)
        expectClose(
            try file.probabilities(
                .dense { $0.tensors = Self.names(weight: name) }, Self.x.map { Float($0) }),
            ReferenceHead.softmax(try reference.dense("net/out", Self.x, member: 0)))
    }

    /// Flax files that were written under dotted names, and a layer saved alone.
    @Test(arguments: [
        ("", "kernel"), ("head.", "head"), ("head.", "head.kernel"), ("a/head/", "a/head"),
    ])
    func `a kernel has its inputs first wherever it stands`(
        _ start: String, _ name: String
    ) throws {
        var file = ArrayFile()
        var random = SeededRandom(seed: 14)
        file.add(start + "kernel", [5, 5], &random)
        file.add(start + "bias", [5], &random)
        let kernel = try #require(file[start + "kernel"]).values
        let bias = try #require(file[start + "bias"]).values
        let logits = (0..<5).map { output in
            Self.x.indices.reduce(Double(bias[output])) { sum, input in
                sum + Double(kernel[input * 5 + output]) * Self.x[input]
            }
        }
        let manifest = ModelManifest.dense { $0.tensors = Self.names(weight: name) }
        expectClose(
            try file.probabilities(manifest, Self.x.map { Float($0) }),
            ReferenceHead.softmax(logits))
        file.add(start + "fast_weight_alpha", [3, 5], &random)
        #expect(
            try #require(try file.refusal(manifest))
                .contains("'\(start)fast_weight_alpha' does not belong there"))
    }

    @Test(arguments: [("net.other", "net.last"), ("net.othr", "matrix"), ("matrix", "net/out")])
    func `a prefix that no name is below is refused`(_ prefix: String, _ name: String) throws {
        let manifest = ModelManifest.dense {
            $0.tensors = Self.names(weight: name)
            $0.prefix = prefix
        }
        #expect(
            try #require(try Self.file().refusal(manifest))
                .contains("model.json: 'prefix' contradicts the checkpoint: 'tensors' names '"))
    }

    @Test(arguments: [("net", "net.last"), ("net.last", "net.last"), ("net", "last.weight")])
    func `a prefix around the name is not`(_ prefix: String, _ name: String) throws {
        let manifest = ModelManifest.dense {
            $0.tensors = Self.names(weight: name)
            $0.prefix = prefix
        }
        #expect(try Self.file().refusal(manifest) == nil)
    }

    @Test func `a bias in the place of the layer's own is refused`() throws {
        let manifest = ModelManifest.dense {
            $0.tensors = Self.names(weight: "net.last", bias: "vector")
        }
        #expect(
            try #require(try Self.file().refusal(manifest))
                .contains("'net.last.bias' does not belong there: 'tensors' in model.json names"))
    }

    @Test(arguments: [
        ("net.lost", "'net.last.weight', 'net.last.bias'"), ("matrx", "'matrix'"),
        ("vectors", "'vector'"),
    ])
    func `a name that is not there is refused with those near it`(
        _ name: String, _ near: String
    ) throws {
        for names in [Self.names(weight: name), Self.names(weight: "matrix", bias: name)] {
            let text = try #require(try Self.file().refusal(.dense { $0.tensors = names }))
            #expect(text.contains("there is no tensor or layer '\(name)'; near it are \(near)"))
        }
    }

    /// Wrappers such as DataParallel and PEFT stand around a model's own names.
    @Test(arguments: ["module.", "model.", "_orig_mod.", "base_model.model."])
    func `a name may be the end of one`(_ wrapper: String) throws {
        let file = ArrayFile(layers: [
            (wrapper + "classifier.dense", [5, 6]), (wrapper + "classifier.out_proj", [4, 5]),
        ])
        let manifest = ModelManifest.dense {
            $0.tensors = Self.names(preLogits: "classifier.dense")
            $0.preLogits = .tanh
        }
        let report = try file.report(manifest)
        #expect(report.sizes.inputCount == 6 && report.passedThrough.isEmpty)
    }

    @Test func `the end of several names is refused with them`() throws {
        let file = ArrayFile(layers: [("a.x.out", [4, 5]), ("b.x.out", [4, 5])])
        let manifest = ModelManifest.dense { $0.tensors = Self.names(weight: "x.out") }
        #expect(
            try #require(try file.refusal(manifest)).hasSuffix(
                "'x.out' is the end of several names, 'a.x.out', 'b.x.out'; say one of them in "
                    + "full"))
    }

    /// Of PEFT's two copies of a module the untrained one is never meant.
    @Test func `the end of a trained name goes before that of an untrained one`() throws {
        let file = ArrayFile(layers: [
            ("c.modules_to_save.default.out", [4, 5]), ("c.original_module.out", [6, 5]),
        ])
        let manifest = ModelManifest.dense { $0.tensors = Self.names(weight: "out") }
        #expect(try file.head(manifest).summary.classCount == 4)
        let inner = ModelManifest.dense { $0.tensors = Self.names(weight: "c.out") }
        #expect(
            try #require(try file.refusal(inner)).contains(
                "near it are 'c.modules_to_save.default.out.weight'"))
    }

    @Test func `far names are not offered`() throws {
        let manifest = ModelManifest.dense {
            $0.tensors = Self.names(weight: "something.quite.different")
        }
        #expect(
            try #require(try Self.file().refusal(manifest))
                .hasSuffix("there is no tensor or layer 'something.quite.different'"))
    }

    @Test func `a prefix comes before the names`() throws {
        let file = ArrayFile(layers: [("a.last", [4, 5]), ("b.last", [6, 5])])
        for (prefix, classes) in [("a", 4), ("b", 6)] {
            let manifest = ModelManifest.dense {
                $0.tensors = Self.names(weight: "last")
                $0.prefix = prefix
            }
            #expect(try file.head(manifest).summary.classCount == classes)
        }
    }

    @Test func `names that mean nothing to the head are refused`() throws {
        var manifest = ModelManifest()
        manifest.temperature = 1
        manifest.tensors = Self.names(weight: "multiclass_head/loc_layer")
        let text = try #require(try HeadPlaceTests.het("multiclass_head/").refusal(manifest))
        #expect(text.contains("'tensors' contradicts the checkpoint: a "))
        let heads = ModelManifest.dense { $0.tensors = Self.names(heads: ["net.last"]) }
        #expect(
            try #require(try Self.file().refusal(heads))
                .contains("a dense head has no 'heads' to be named"))
    }

    // MARK: The layer before the head

    static let encoder = ArrayFile(layers: [
        ("bert.pooler.dense", [5, 6]), ("classifier", [4, 5]),
    ])

    @Test(arguments: [PreLogitsActivation.tanh, .relu])
    func `the layer before the head runs where it is named`(
        _ activation: PreLogitsActivation
    ) throws {
        let x: [Double] = Self.x + [0.5]
        let manifest = ModelManifest.dense {
            $0.tensors = Self.names(preLogits: "bert.pooler.dense")
            $0.preLogits = activation
        }
        let report = try Self.encoder.report(manifest)
        #expect(report.sizes.inputCount == 6 && report.passedThrough.isEmpty)
        let pooled = try Self.encoder.affine("bert.pooler.dense", x).map {
            activation == .relu ? max($0, 0) : $0.hyperbolicTangent
        }
        expectClose(
            try Self.encoder.probabilities(manifest, x.map { Float($0) }),
            ReferenceHead.softmax(try Self.encoder.affine("classifier", pooled)))
    }

    @Test func `without its name the refusal says it`() throws {
        let text = try #require(try Self.encoder.refusal(.dense { $0.preLogits = .tanh }))
        #expect(
            text.hasSuffix(
                "the file has no layer 'pre_logits' to run before the head; it has "
                    + "'bert.pooler.dense' [5, 6]: \"tensors\": {\"pre_logits\": "
                    + "\"bert.pooler.dense\"} runs it"))
    }

    @Test func `without its activation it does not run, and its name is refused`() throws {
        let manifest = ModelManifest.dense {
            $0.tensors = Self.names(preLogits: "bert.pooler.dense")
        }
        #expect(
            try #require(try Self.encoder.refusal(manifest))
                .contains("which runs only where the key 'pre_logits' gives its activation"))
    }

    @Test(arguments: [("", "", 0), ("abc", "abc", 0), ("abc", "", 3), ("kitten", "sitting", 3)])
    func `distances are those of Levenshtein`(_ first: String, _ second: String, _ steps: Int) {
        #expect(NearNames.distance(Array(first.utf8), Array(second.utf8)) == steps)
        #expect(NearNames.distance(Array(second.utf8), Array(first.utf8)) == steps)
    }
}

extension Double {
    fileprivate var hyperbolicTangent: Double { Glibc.tanh(self) }
}
