import Fixtures
import Predictions
import Testing

@testable import Heads

/// Tensors inside a head's own layers that are not used: refused by name, with what they are.
@Suite struct LayerAdditionTests {
    static let additions: [(name: String, reason: String)] = [
        ("lora_A.default.weight", "an adapter"), ("lora_B.default.weight", "an adapter"),
        ("lora_a", "an adapter"), ("ia3_l.default", "an adapter"),
        ("lora_magnitude_vector.default.weight", "an adapter"), ("magnitude", "an adapter"),
        ("sigma", "the scale of noise"), ("weight_sigma", "the scale of noise"),
        ("weight_mask", "a mask"), ("weight_orig", "a mask"),
        ("weight_u", "a part of spectral normalisation"),
        ("parametrizations.weight.0._u", "a part of spectral normalisation"),
        ("scale", "a scale, zero point or observer"), ("zero_point", "a scale, zero point"),
        ("weight_fake_quant.scale", "a scale, zero point or observer"),
        ("activation_post_process.min_val", "a scale, zero point or observer"),
        ("parametrizations.weight.original", "a part of a normalised or parametrised layer"),
        ("weight_g", "a part of a normalised or parametrised layer"),
        ("something", "a layer has weight and bias, and nothing is known of anything else"),
    ]

    @Test(arguments: additions, ["fc", "model.head.fc", "classifier.3"])
    func `a tensor inside the layer is refused`(
        _ addition: (name: String, reason: String), _ layer: String
    ) throws {
        var file = ArrayFile(layers: [(layer, [4, 3])])
        var random = SeededRandom(seed: 5)
        file.add("\(layer).\(addition.name)", [4], &random)
        let text = try #require(try file.refusal(.dense()))
        #expect(
            text.hasPrefix(
                "\(ArrayFile.path): tensor '\(layer).\(addition.name)' does not belong there: "
                    + addition.reason))
        #expect(throws: ModelError.self) { try file.report(.dense()) }
    }

    /// One number is rarely of quantisation: a cosine layer learns it.
    @Test(arguments: [[], [1], [1, 1]]) func `one scale alone is told apart`(
        _ shape: [Int]
    ) throws {
        var file = ArrayFile(layers: [("fc", [4, 3])])
        var random = SeededRandom(seed: 5)
        file.add("fc.scale", shape, &random)
        let text = try #require(try file.refusal(.dense()))
        #expect(text.contains("'fc.scale' does not belong there: one number that scales, as a "))
        file.add("fc.zero_point", shape, &random)
        #expect(
            try #require(try file.refusal(.dense()))
                .contains("'fc.scale' does not belong there: one number")
                == false)
    }

    @Test(arguments: ["lora_A", "weight_mask", "sigma"])
    func `the same beside weights without a name`(_ name: String) throws {
        var random = SeededRandom(seed: 5)
        var file = ArrayFile()
        file.add("weight", [4, 3], &random)
        file.add("accuracy", [1], &random)
        #expect(try file.refusal(.dense()) == nil)
        file.add(name, [4], &random)
        #expect(try #require(try file.refusal(.dense())).contains("tensor '\(name)' does not"))
    }

    /// A layer saved alone: its adapters and parametrisations have modules of their own.
    @Test(arguments: [
        ("lora_A.default.weight", "an adapter"), ("hada_w1_a.default", "an adapter"),
        ("modules_to_save.default.bias", "an adapter"), ("weight.absmax", "a scale, zero point"),
        ("weight.nested", "a layer has weight and bias"),
        ("parametrizations.bias.original", "a part of a normalised or parametrised layer"),
    ])
    func `the same in modules beside weights without a name`(
        _ name: String, _ reason: String
    ) throws {
        for rank in [2, 3] {
            var random = SeededRandom(seed: 5)
            var file = ArrayFile()
            file.add("weight", rank == 2 ? [4, 3] : [2, 2, 3], &random)
            for other in ["scale.1.weight", "mask.conv.weight", "adapter.down.weight"] {
                file.add(other, [2, 2, 2, 2], &random)
            }
            var manifest = ModelManifest.dense()
            if rank == 3 { manifest.head = .mhs }
            #expect(try file.refusal(manifest) == nil)
            file.add(name, [4], &random)
            #expect(
                try #require(try file.refusal(manifest))
                    .contains("tensor '\(name)' does not belong there: \(reason)"))
        }
    }

    @Test(arguments: ["base_layer.weight", "parametrizations.weight.original"])
    func `wrapped weights without a name are refused as what they are`(_ name: String) throws {
        var random = SeededRandom(seed: 5)
        var file = ArrayFile()
        file.add(name, [4, 3], &random)
        file.add("bias", [4], &random)
        let text = try #require(try file.refusal(.dense()))
        #expect(text.contains("tensor '\(name)' does not belong there"))
    }

    @Test func `the weights without their mask are no head either`() throws {
        var random = SeededRandom(seed: 5)
        var file = ArrayFile()
        file.add("fc.weight_orig", [4, 3], &random)
        file.add("fc.bias", [4], &random)
        #expect(try #require(try file.refusal(.dense())).contains("'fc.weight_orig' does not"))
        file.add("fc.weight_orig", [4, 3], &random)
        file.add("fc.weight_u", [4], &random)
        #expect(try #require(try file.refusal(.dense())).contains("spectral"))
    }

    @Test func `an adapted layer around the plain one is refused`() throws {
        var file = ArrayFile(layers: [("model.classifier.base_layer", [4, 3])])
        var random = SeededRandom(seed: 5)
        file.add("model.classifier.lora_A.default.weight", [2, 3], &random)
        #expect(try #require(try file.refusal(.dense())).contains("an adapter"))
    }

    @Test func `layers of MHC and of ports are looked at too`() throws {
        var random = SeededRandom(seed: 5)
        for layer in ["group", "classifier", "embed"] {
            var file = SeveralHeadsTests.cascade([])
            file.add(layer + ".lora_A.default.weight", [2, 5], &random)
            #expect(try #require(try file.refusal()).contains("'\(layer).lora_A.default.weight'"))
        }
        var url = PortLayoutTests.url("", rank: 1)
        url.add("fc.weight_mask", [4, 5], &random)
        #expect(try #require(try url.refusal()).contains("'fc.weight_mask'"))
    }

    @Test func `a tensor beside the layer is the backbone's`() throws {
        var file = ArrayFile(layers: [("fc", [4, 3])])
        var random = SeededRandom(seed: 5)
        file.add("fc2.lora_A", [4], &random)
        file.add("backbone.weight_mask", [4], &random)
        #expect(try file.refusal(.dense()) == nil)
    }
}
