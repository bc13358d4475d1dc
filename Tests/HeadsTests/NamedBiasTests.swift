import Fixtures
import Predictions
import Testing

@testable import Heads

/// The bias that `tensors` names beside a layer that is found by its own name, below a module.
@Suite struct NamedBiasTests {
    static let layer = "model.fc"
    static let x: [Double] = [0.5, -0.25, 1, 0.75]

    /// The layer, without a bias of its own, and vectors of its outputs.
    static func file(_ vectors: String...) -> ArrayFile {
        var random = SeededRandom(seed: 21)
        var file = ArrayFile()
        file.add(layer + ".weight", [6, 4], &random)
        for vector in vectors { file.add(vector, [6], &random) }
        return file
    }

    private static func names(_ bias: String) -> TensorNames {
        NamedTensorTests.names(bias: bias)
    }

    private static func expectDense(
        _ file: ArrayFile, bias: String, prefix: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let manifest = ModelManifest.dense {
            $0.tensors = names(bias)
            $0.prefix = prefix
        }
        let full = prefix.map { "\($0).\(bias)" } ?? bias
        expectClose(
            try file.probabilities(manifest, x.map { Float($0) }),
            ReferenceHead.softmax(try file.affine(layer + ".weight", full, x)),
            sourceLocation: sourceLocation)
    }

    @Test func `is the tensor of that full name, whatever lies below the module`() throws {
        let file = Self.file("out_bias", "model.out_bias")
        try Self.expectDense(file, bias: "out_bias")
        try Self.expectDense(file, bias: "model.out_bias")
    }

    @Test func `may lie below the module`() throws {
        try Self.expectDense(Self.file("model.out_bias"), bias: "model.out_bias")
        try Self.expectDense(Self.file("model.out_bias"), bias: "out_bias", prefix: "model")
    }

    @Test(arguments: ["model.fc.bias", "model.fc"])
    func `may be the layer's own`(_ name: String) throws {
        let file = Self.file("model.fc.bias")
        let manifest = ModelManifest.dense { $0.tensors = Self.names(name) }
        expectClose(
            try file.probabilities(manifest, Self.x.map { Float($0) }),
            ReferenceHead.softmax(try file.affine(Self.layer, Self.x)))
    }

    @Test func `has a number for every output, and the refusal has its full name`() throws {
        var file = Self.file()
        var random = SeededRandom(seed: 22)
        file.add("model.out_bias", [5], &random)
        let manifest = ModelManifest.dense { $0.tensors = Self.names("model.out_bias") }
        #expect(
            try #require(try file.refusal(manifest))
                .contains("tensor 'model.out_bias' has shape [5], expected [6]"))
    }

    /// Digits of 2 and 4 classes: the label l is the code (l / 4, l mod 4).
    @Test(arguments: ["out_bias", "model.out_bias"])
    func `is that of an MHP head too`(_ bias: String) throws {
        let file = Self.file("out_bias", "model.out_bias")
        var manifest = ModelManifest()
        (manifest.head, manifest.heads, manifest.classes) = (.mhp, [2, 4], 8)
        manifest.headActivation = .softmax
        manifest.tensors = Self.names(bias)
        let logits = try file.affine(Self.layer + ".weight", bias, Self.x)
        let first = ReferenceHead.softmax(Array(logits[..<2]))
        let second = ReferenceHead.softmax(Array(logits[2...]))
        expectClose(
            try file.probabilities(manifest, Self.x.map { Float($0) }),
            (0..<8).map { first[$0 / 4] * second[$0 % 4] })
    }
}
