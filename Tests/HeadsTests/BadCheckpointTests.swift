import Fixtures
import Predictions
import Testing

@testable import Heads

/// Heads that are damaged or contradict themselves: each refusal names file, tensor and reason.
@Suite struct BadCheckpointTests {
    static let prefix = "opt/target/multiclass_head/"

    /// A parameter-efficient HET-XL head: D = 5, K = 4, R = 2.
    static func file(members: Int? = nil) -> ArrayFile {
        var random = SeededRandom(seed: 1)
        var file = ArrayFile()
        for (name, inputs, outputs) in [
            ("loc_layer", 5, 4), ("diag_layer", 5, 5), ("scale_layer_heteroscedastic", 5, 5),
            ("scale_layer_homoscedastic", 2, 5),
        ] {
            file.addLayer(prefix + name, inputs, outputs, members: members, &random)
        }
        return file
    }

    static var manifest: ModelManifest {
        var manifest = ModelManifest()
        manifest.temperature = 1
        return manifest
    }

    static func expect(
        _ file: ArrayFile, _ manifest: ModelManifest = manifest, tensor: String, _ reason: String,
        prefix: String = prefix, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        #expect(
            try file.refusal(manifest)
                == "\(ArrayFile.path): tensor '\(prefix)\(tensor)' \(reason)",
            sourceLocation: sourceLocation)
    }

    @Test func `the head itself is fine`() throws {
        #expect(try Self.file().refusal(Self.manifest) == nil)
        #expect(try Self.file(members: 3).refusal(Self.manifest) == nil)
    }

    // MARK: Shapes

    static let badShapes: [(tensor: String, shape: [Int], expected: String)] = [
        ("loc_layer/kernel", [20], "2 dimensions, none empty"),
        ("loc_layer/kernel", [5, 4, 1], "2 dimensions, none empty"),
        ("loc_layer/kernel", [0, 4], "2 dimensions, none empty"),
        ("loc_layer/bias", [5], "[4]"), ("loc_layer/bias", [1, 4], "[4]"),
        ("diag_layer/kernel", [4, 5], "[5, any]"), ("diag_layer/bias", [], "[5]"),
        ("scale_layer_heteroscedastic/kernel", [5, 4], "[5, 5]"),
        ("scale_layer_homoscedastic/kernel", [2, 4], "[any, 5]"),
        ("scale_layer_homoscedastic/bias", [2], "[5]"),
    ]

    @Test(arguments: badShapes)
    func `a wrong shape is named`(_ tensor: String, _ shape: [Int], _ expected: String) throws {
        var random = SeededRandom(seed: 2)
        var file = Self.file()
        file.add(Self.prefix + tensor, shape, &random)
        try Self.expect(file, tensor: tensor, "has shape \(shape), expected \(expected)")
    }

    @Test func `a noise of neither width is named`() throws {
        var random = SeededRandom(seed: 2)
        var file = Self.file()
        for name in ["diag_layer", "scale_layer_heteroscedastic"] {
            file.addLayer(Self.prefix + name, 5, 6, &random)
        }
        file.addLayer(Self.prefix + "scale_layer_homoscedastic", 2, 6, &random)
        try Self.expect(
            file, tensor: "diag_layer/kernel",
            "has shape [5, 6], expected 4 outputs for a het head")
        var manifest = Self.manifest
        manifest.head = .hetXL
        try Self.expect(
            file, manifest, tensor: "diag_layer/kernel",
            "has shape [5, 6], expected 5 outputs for a het-xl head")
    }

    @Test func `loadings that do not divide are named`() throws {
        var random = SeededRandom(seed: 2)
        var file = HeadPlaceTests.het(Self.prefix)
        file.addLayer(Self.prefix + "scale_layer", 5, 11, &random)
        try Self.expect(
            file, tensor: "scale_layer/kernel",
            "has shape [5, 11], expected a multiple of 5 outputs")
    }

    @Test func `the wrong kind for the width is named`() throws {
        var manifest = Self.manifest
        manifest.head = .het
        try Self.expect(
            Self.file(), manifest, tensor: "diag_layer/kernel",
            "has shape [5, 5], expected 4 outputs for a het head")
    }

    @Test func `a square head is asked for`() throws {
        var random = SeededRandom(seed: 2)
        var file = ArrayFile()
        for name in ["loc_layer", "diag_layer"] { file.addLayer("head/" + name, 3, 3, &random) }
        #expect(
            try file.refusal() == "\(ArrayFile.path): model.json must say 'head', 'temperature', "
                + "'link': the weights could be 'het-xl', or 'het'")
    }

    // MARK: Missing and additional tensors

    @Test(arguments: [
        "loc_layer/bias", "diag_layer/kernel", "diag_layer/bias",
        "scale_layer_heteroscedastic/kernel", "scale_layer_heteroscedastic/bias",
        "scale_layer_homoscedastic/kernel", "scale_layer_homoscedastic/bias",
    ])
    func `a missing tensor is named`(_ tensor: String) throws {
        var file = Self.file()
        file[Self.prefix + tensor] = nil
        try Self.expect(file, tensor: tensor, "is missing")
    }

    @Test func `two kinds of loadings contradict each other`() throws {
        var random = SeededRandom(seed: 2)
        var file = Self.file()
        file.addLayer(Self.prefix + "scale_layer", 5, 10, &random)
        try Self.expect(
            file, tensor: "scale_layer/kernel",
            "does not belong there: loadings come from that layer or from the two layers "
                + "scale_layer_homoscedastic and scale_layer_heteroscedastic, not both")
    }

    @Test(arguments: ["scale_layer_v2/kernel", "more", "loc_layer2/bias"])
    func `a layer no head has is named`(_ name: String) throws {
        var random = SeededRandom(seed: 2)
        var file = Self.file()
        file.add(Self.prefix + name, [5], &random)
        try Self.expect(
            file, tensor: name,
            "does not belong there: the head has loc_layer, diag_layer, scale_layer, "
                + "scale_layer_homoscedastic, scale_layer_heteroscedastic and "
                + "pre_sigmoid_temperature and nothing else")
    }

    @Test func `a tensor no layer has is named`() throws {
        var random = SeededRandom(seed: 2)
        var file = Self.file()
        file.add(Self.prefix + "diag_layer/scale", [5], &random)
        try Self.expect(
            file, tensor: "diag_layer/scale",
            "does not belong there: a layer has kernel, bias, fast_weight_alpha, "
                + "fast_weight_gamma and nothing else")
    }

    // MARK: Values

    @Test(arguments: [Float.nan, .infinity])
    func `a weight that is not finite is named`(_ value: Float) throws {
        for (tensor, index) in [("diag_layer/kernel", 7), ("loc_layer/bias", 3)] {
            var file = Self.file()
            file[Self.prefix + tensor]?.values[index] = value
            try Self.expect(
                file, tensor: tensor,
                "has a value that is not finite as float32 at element \(index)")
        }
    }

    @Test(arguments: ["loc_layer/kernel", "diag_layer/bias", "scale_layer_homoscedastic/kernel"])
    func `integers are no weights`(_ tensor: String) throws {
        var file = Self.file()
        file[Self.prefix + tensor]?.areIntegers = true
        try Self.expect(file, tensor: tensor, "has int64 elements, which are no weights")
    }

    @Test func `integers are no weights of PyTorch heads either`() throws {
        for shape in [[4, 5], [2, 2, 5]] {
            var random = SeededRandom(seed: 2)
            var file = ArrayFile()
            file.add("weight", shape, &random)
            file["weight"]?.areIntegers = true
            try Self.expect(
                file, ModelManifest(), tensor: "weight", "has int64 elements, which are no weights",
                prefix: "")
        }
    }

    @Test(arguments: [[], [2], [1, 1]])
    func `a learned temperature is one number`(_ shape: [Int]) throws {
        var random = SeededRandom(seed: 2)
        var file = Self.file()
        file.add(Self.prefix + "pre_sigmoid_temperature", shape, &random)
        try Self.expect(
            file, ModelManifest(), tensor: "pre_sigmoid_temperature",
            "has shape \(shape), expected [1]")
    }

    // MARK: BatchEnsembles

    @Test(arguments: ["fast_weight_alpha", "fast_weight_gamma"])
    func `fast weights come in pairs`(_ name: String) throws {
        var file = Self.file(members: 3)
        file[Self.prefix + "diag_layer/" + name] = nil
        try Self.expect(file, tensor: "diag_layer/" + name, "is missing")
    }

    @Test func `ensembles of other sizes are named`() throws {
        var random = SeededRandom(seed: 2)
        var file = Self.file(members: 3)
        file.addLayer(Self.prefix + "diag_layer", 5, 5, members: 2, &random)
        try Self.expect(
            file, tensor: "diag_layer/fast_weight_alpha",
            "has shape [2, 5], expected [3, 5], as the other layers have")
    }

    @Test(arguments: [("bias", [5], "[3, 5]"), ("fast_weight_gamma", [3, 4], "[3, 5]")])
    func `wrong members are named`(_ name: String, _ shape: [Int], _ expected: String) throws {
        var random = SeededRandom(seed: 2)
        var file = Self.file(members: 3)
        file.add(Self.prefix + "diag_layer/" + name, shape, &random)
        try Self.expect(
            file, tensor: "diag_layer/" + name, "has shape \(shape), expected \(expected)")
    }

    @Test(arguments: [-1, 0, 1])
    func `the number of members has a limit`(_ beyond: Int) throws {
        let count = LayerShape.maxMembers + beyond
        let file = Self.file(members: count)
        guard beyond > 0 else { return #expect(try file.refusal(Self.manifest) == nil) }
        try Self.expect(
            file, tensor: "loc_layer/fast_weight_alpha", "makes 17 members, above the limit of 16")
    }

    /// 2²⁴ bytes of folded kernels are allowed however small the file is, and 128 for each of its
    /// bytes: a kernel of 2²⁰ numbers has 2²².
    @Test(arguments: [
        (1 << 20, 0, 4), (1 << 20, 1 << 17, 4), (1 << 20, 5 << 15, 5),
        (1 << 20, (5 << 15) - 1, 4), (1 << 20, 1 << 24, 16), (1 << 26, 0, 1), (1, 0, 16),
    ])
    func `a kernel larger than its file has few members`(
        _ weightCount: Int, _ fileByteCount: Int, _ limit: Int
    ) {
        let found = LayerShape.maxMembers(weightCount: weightCount, fileByteCount: fileByteCount)
        #expect(found == limit)
    }

    /// Without its kernel a layer of loadings is damaged; it must not pass for a head of rank 0.
    @Test(arguments: [
        ["scale_layer_heteroscedastic/bias", "scale_layer_homoscedastic/bias"],
        ["scale_layer_homoscedastic/bias"], ["scale_layer/bias"],
    ])
    func `a bias alone is no absent layer`(_ left: [String]) throws {
        var random = SeededRandom(seed: 2)
        var file = Self.file()
        file.arrays.removeAll { $0.name.hasPrefix(Self.prefix + "scale_layer") }
        #expect(try file.refusal(Self.manifest) == nil)
        for name in left { file.add(Self.prefix + name, [5], &random) }
        let layer = left.contains("scale_layer/bias") ? "scale_layer" : "scale_layer_homoscedastic"
        try Self.expect(file, tensor: layer + "/kernel", "is missing")
    }

    @Test(arguments: ["loc_layer", "scale_layer_homoscedastic"])
    func `a fold that overflows is named`(_ layer: String) throws {
        var file = Self.file(members: 2)
        file[Self.prefix + layer + "/kernel"]?.values[2] = 1e30
        file[Self.prefix + layer + "/fast_weight_alpha"]?.values = [Float](
            repeating: 1e30, count: layer == "loc_layer" ? 10 : 4)
        try Self.expect(
            file, tensor: layer + "/kernel times its fast weights",
            "has a value that is not finite as float32 at element 2")
    }

    @Test func `a pre-logits layer with members is refused`() throws {
        var random = SeededRandom(seed: 2)
        var file = Self.file(members: 2)
        file.addLayer("opt/target/pre_logits", 7, 5, members: 2, &random)
        var manifest = Self.manifest
        #expect(try file.refusal(manifest) == nil)
        manifest.preLogits = .tanh
        try Self.expect(
            file, manifest, tensor: "opt/target/pre_logits/fast_weight_alpha",
            "does not belong there: a pre_logits layer with members is not served", prefix: "")
    }
}
