import Fixtures
import Predictions
import Testing

@testable import Heads

/// Tensors directly beside a head's own, which may be parts of its law.
@Suite struct HeadSiblingTests {
    private static func mhs(_ others: [(String, [Int])]) -> ArrayFile {
        var random = SeededRandom(seed: 31)
        var file = ArrayFile()
        file.add("head.weight", [4, 5, 16], &random)
        for (name, shape) in others { file.add(name, shape, &random) }
        return file
    }

    private static var manifest: ModelManifest {
        var manifest = ModelManifest()
        (manifest.head, manifest.prefix) = (.mhs, "head")
        return manifest
    }

    @Test(arguments: [[20], [4], [16], [4, 5], [16, 2]])
    func `a tensor of a size of MHS weights below their prefix is refused`(_ shape: [Int]) throws {
        let file = Self.mhs([("head.gain", shape)])
        #expect(
            try #require(try file.refusal(Self.manifest))
                .contains("tensor 'head.gain' does not belong there: it has a size of the weights"))
        #expect(throws: ModelError.self) { try file.report(Self.manifest) }
    }

    @Test func `others are not`() throws {
        let file = Self.mhs([
            ("head.step", [1]), ("head.bias", [20]), ("head.pre_logits.weight", [16, 16]),
            ("gain", [20]), ("head.norm.weight", [16]),
        ])
        #expect(try file.refusal(Self.manifest) == nil)
    }

    @Test func `scales beside a kernel that is not stored in int8 are refused`() throws {
        var random = SeededRandom(seed: 32)
        for layer in ["head", "multiclass_head"] {
            var file = ArrayFile()
            file.addLayer(layer, 5, 4, &random)
            #expect(try file.refusal(.dense()) == nil)
            file.add("\(layer)/kernel.int8_scale", [1, 4], &random)
            #expect(
                try #require(try file.refusal(.dense()))
                    .contains("tensor '\(layer)/kernel.int8_scale' does not belong there"))
        }
    }
}
