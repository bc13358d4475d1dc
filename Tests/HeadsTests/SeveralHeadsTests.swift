import Fixtures
import Predictions
import Testing

@testable import Heads

/// Files with several layers that could be the head: refused by name, until a key chooses.
@Suite struct SeveralHeadsTests {
    static func refusal(_ file: ArrayFile, _ manifest: ModelManifest) throws -> String {
        try #require(try file.refusal(manifest))
    }

    static let start = "\(ArrayFile.path): model.json must say 'prefix': there are heads at "

    @Test(arguments: [
        (["fc", "head"], "'fc' [6, 5], 'head' [7, 5]"),
        (["head", "head_dist"], "'head' [6, 5], 'head_dist' [7, 5]"),
        (["classifier", "fc"], "'classifier' [6, 5], 'fc' [7, 5]"),
        (["score", "model.logits"], "'score' [6, 5], 'model.logits' [7, 5]"),
        (
            ["state_dict.fc", "state_dict_ema.fc"],
            "'state_dict.fc' [6, 5], 'state_dict_ema.fc' [7, 5]"
        ),
        (["student.head", "teacher.head"], "'student.head' [6, 5], 'teacher.head' [7, 5]"),
        (["fc", "AuxLogits.fc"], "'fc' [6, 5], 'AuxLogits.fc' [7, 5]"),
    ])
    func `two layers are named with their shapes and each is reached by prefix`(
        _ names: [String], _ places: String
    ) throws {
        let file = ArrayFile(layers: [(names[0], [6, 5]), (names[1], [7, 5])])
        #expect(try Self.refusal(file, .dense()) == Self.start + places)
        for (index, name) in names.enumerated() {
            let head = try file.head(.dense { $0.prefix = name })
            #expect(head.summary.classCount == 6 + index)
            let x = (0..<5).map { Double($0) / 8 }
            expectClose(
                try file.probabilities(.dense { $0.prefix = name }, x.map { Float($0) }),
                ReferenceHead.softmax(try file.affine(name, x)))
        }
    }

    @Test(arguments: ["state_dict", "state_dict_ema", "model", "ema", "params", "params_ema"])
    func `a prefix names the module around one of two heads`(_ wrapper: String) throws {
        let names = ["state_dict", "state_dict_ema", "model", "ema", "params", "params_ema"]
        let layers = names.enumerated().map { ("\($1).backbone.head.fc", [4 + $0, 5]) }
        let file = ArrayFile(layers: layers)
        let head = try file.head(.dense { $0.prefix = wrapper })
        #expect(head.summary.classCount == 4 + (names.firstIndex(of: wrapper) ?? 0))
    }

    @Test func `two heads of the JAX code in wrappers are reached too`() throws {
        var random = SeededRandom(seed: 1)
        var file = ArrayFile()
        file.addLayer("params/head", 5, 4, &random)
        file.addLayer("params_ema/head", 5, 6, &random)
        #expect(
            try Self.refusal(file, .dense())
                == Self.start + "'params/head/' [5, 4], 'params_ema/head/' [5, 6]")
        for (told, classes) in [("params", 4), ("params_ema", 6), ("params_ema/head", 6)] {
            #expect(try file.head(.dense { $0.prefix = told }).summary.classCount == classes)
        }
    }

    @Test func `the weights at the root are chosen by an empty prefix`() throws {
        var file = ArrayFile(layers: [("fc", [4, 5])])
        var random = SeededRandom(seed: 2)
        file.add("weight", [7, 5], &random)
        #expect(try Self.refusal(file, .dense()) == Self.start + "'fc' [4, 5], '' [7, 5]")
        #expect(try file.head(.dense { $0.prefix = "" }).summary.classCount == 7)
        #expect(try file.head(.dense { $0.prefix = "fc" }).summary.classCount == 4)
    }

    @Test(arguments: [
        "ema.shadow_params.1", "model_ema.fcweight", "fc_ema.weight",
        "state_dict_swa.0.last.weight",
    ])
    func `averaged weights that are no layer of a head's name are refused beside it`(
        _ name: String
    ) throws {
        var file = ArrayFile(layers: [("model.fc", [4, 5])])
        var random = SeededRandom(seed: 2)
        file.add("schema.weight", [4, 5], &random)
        file.add("ema.shadow_params.0", [5, 5], &random)
        file.add("ema.decay", [1], &random)
        #expect(try file.refusal(.dense()) == nil)
        file.add(name, [4, 5], &random)
        #expect(
            try Self.refusal(file, .dense())
                == "\(ArrayFile.path): model.json must say 'prefix': beside the head at 'model.fc' "
                + "[4, 5] there are averaged weights of its shape, '\(name)'; "
                + "\"prefix\": \"model.fc\" chooses the head, and another 'prefix' or 'tensors' "
                + "the averaged ones"
        )
        let x = (0..<5).map { Double($0) / 8 }
        expectClose(
            try file.probabilities(.dense { $0.prefix = "model.fc" }, x.map { Float($0) }),
            ReferenceHead.softmax(try file.affine("model.fc", x)))
        let named = ModelManifest.dense { $0.tensors = NamedTensorTests.names(weight: name) }
        expectClose(
            try file.probabilities(named, x.map { Float($0) }),
            ReferenceHead.softmax(try file.affine(name, nil, x)))
    }

    @Test func `averages of weights of three dimensions are too`() throws {
        var random = SeededRandom(seed: 2)
        var file = ArrayFile()
        for name in ["weight", "ema.weight"] { file.add(name, [2, 3, 5], &random) }
        var manifest = ModelManifest()
        manifest.head = .mhs
        #expect(
            try Self.refusal(file, manifest)
                .contains("beside the head at '' [2, 3, 5] there are averaged weights"))
        for prefix in ["", "ema"] {
            manifest.prefix = prefix
            #expect(try file.head(manifest).summary.classCount == 6)
        }
    }

    @Test(arguments: [["module"], ["net.head", "ema.head"]])
    func `weights of three dimensions elsewhere are named`(_ modules: [String]) throws {
        var random = SeededRandom(seed: 2)
        var file = ArrayFile()
        for module in modules { file.add(module + ".weight", [2, 3, 5], &random) }
        var manifest = ModelManifest()
        manifest.head = .mhs
        let places = modules.map { "'\($0)' [2, 3, 5]" }.joined(separator: ", ")
        #expect(try Self.refusal(file, manifest) == Self.start + places)
        manifest.prefix = modules[0]
        #expect(try file.refusal(manifest) == nil)
    }

    @Test func `an averaged head has no averages beside it`() throws {
        var file = ArrayFile(layers: [("ema.fc", [4, 5])])
        var random = SeededRandom(seed: 2)
        file.add("ema.fc_avg", [4, 5], &random)
        #expect(try file.refusal(.dense()) == nil)
    }

    // MARK: Other kinds

    static let cascade = [("group", [2, 5]), ("classifier", [3, 5])]

    static func cascade(_ others: [(String, [Int])], prefix: String = "") -> ArrayFile {
        var file = ArrayFile(layers: (cascade + others).map { (prefix + $0.0, $0.1) })
        var random = SeededRandom(seed: 3)
        file.add(prefix + "embed.weight", [8, 3], &random)
        return file
    }

    @Test func `a layer of an MHC head is no second head`() throws {
        let head = try Self.cascade([]).head(ModelManifest())
        #expect(head.summary.kind == .mhc && head.summary.classCount == 8)
    }

    @Test func `a layer beside an MHC head is`() throws {
        let file = Self.cascade([("fc", [6, 5])])
        #expect(
            try Self.refusal(file, ModelManifest())
                == "\(ArrayFile.path): model.json must say 'head': there are heads at "
                + "'group.weight' [2, 5], which could be 'mhc', and at 'fc' [6, 5], which could "
                + "be 'dense'; a 'prefix' chooses too")
        var manifest = ModelManifest()
        manifest.head = .mhc
        #expect(try file.head(manifest).summary.kind == .mhc)
        #expect(try file.head(.dense { $0.prefix = "fc" }).summary.classCount == 6)
    }

    @Test func `two MHC heads are chosen by prefix`() throws {
        var file = Self.cascade([], prefix: "state_dict.")
        file.arrays += Self.cascade([], prefix: "state_dict_ema.").arrays
        #expect(
            try Self.refusal(file, ModelManifest()) == Self.start
                + "'state_dict.group.weight' [2, 5], 'state_dict_ema.group.weight' [2, 5]")
        var manifest = ModelManifest()
        manifest.prefix = "state_dict_ema"
        #expect(try file.report(manifest).prefix == "state_dict_ema.")
    }

    @Test func `a layer beside a head with noise is a second head`() throws {
        var file = PortLayoutTests.url("head.", rank: 1)
        var random = SeededRandom(seed: 3)
        file.addLayer(torch: "other.fc", [4, 5], &random)
        let text = try Self.refusal(file, ModelManifest())
        #expect(text.contains("must say 'head': there are heads at 'head.' [4, 5]"))
        #expect(text.contains("at 'other.fc' [4, 5], which could be 'dense'"))
        var manifest = ModelManifest()
        manifest.head = .hetXL
        #expect(try file.head(manifest).summary.kind == .hetXL)
    }

    @Test func `places beyond eight are counted`() throws {
        let file = ArrayFile(layers: (0..<10).map { ("m\($0).fc", [3, 2]) })
        #expect(try Self.refusal(file, .dense()).hasSuffix("'m7.fc' [3, 2] and 2 more places"))
    }

    @Test(arguments: ["nothing", "fc.nothing", "c"])
    func `a prefix that names no head is told which there are`(_ prefix: String) throws {
        let file = ArrayFile(layers: [("model.fc", [3, 2])])
        #expect(
            try Self.refusal(file, .dense { $0.prefix = prefix })
                == "\(ArrayFile.path): model.json: 'prefix' contradicts the checkpoint: heads are "
                + "at 'model.fc' [3, 2]")
    }
}
