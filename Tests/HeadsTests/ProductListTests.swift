import Fixtures
import Predictions
import Testing

@testable import Heads

/// MHP with one dense layer for each digit of a label.
@Suite struct ProductListTests {
    /// Heads of 3 and 4 classes over 5 features.
    static func file(_ names: [String]) -> ArrayFile {
        ArrayFile(layers: [("stem", [5, 5])] + names.enumerated().map { ($1, [3 + $0, 5]) })
    }

    static func manifest(
        _ change: (inout ModelManifest) -> Void = { _ in }
    ) -> ModelManifest {
        var manifest = ModelManifest()
        (manifest.head, manifest.classes, manifest.headActivation) = (.mhp, 11, .softmax)
        change(&manifest)
        return manifest
    }

    /// The label l has the digits l / 4 and l mod 4; probabilities of the 11 labels are products,
    /// scaled to one.
    static func reference(_ file: ArrayFile, _ names: [String], _ x: [Double]) throws -> [Double] {
        let heads = try names.map { ReferenceHead.softmax(try file.affine($0, x)) }
        let products = (0..<11).map { heads[0][$0 / 4] * heads[1][$0 % 4] }
        let total = products.reduce(0, +)
        return products.map { $0 / total }
    }

    static let x: [Double] = [0.5, -0.25, 1, 0.75, -1]

    @Test(arguments: [["heads.0", "heads.1"], ["model.classifier.0", "model.classifier.1"]])
    func `a numbered list of layers is one head`(_ names: [String]) throws {
        let file = Self.file(names)
        let report = try file.report(Self.manifest())
        #expect(report.sizes.heads == [3, 4] && report.missingKeys.isEmpty)
        #expect(report.rule.hasSuffix(": a dense layer for each digit of a label"))
        #expect(report.parameterCount == 3 * 6 + 4 * 6)
        expectClose(
            try file.probabilities(Self.manifest(), Self.x.map { Float($0) }),
            try Self.reference(file, names, Self.x))
    }

    @Test func `layers of any names are listed in model.json`() throws {
        let file = Self.file(["b", "a"])
        let manifest = Self.manifest { $0.tensors = NamedTensorTests.names(heads: ["b", "a"]) }
        expectClose(
            try file.probabilities(manifest, Self.x.map { Float($0) }),
            try Self.reference(file, ["b", "a"], Self.x))
    }

    @Test func `a layer that is listed under two names is refused`() throws {
        let manifest = Self.manifest {
            $0.tensors = NamedTensorTests.names(heads: ["a", "a.weight"])
        }
        #expect(
            try #require(try Self.file(["a", "b"]).refusal(manifest))
                .hasSuffix("'heads' names 'a.weight' twice, the second time by 'a.weight'"))
    }

    @Test func `a list could be MHP, or dense at one of its layers`() throws {
        let file = Self.file(["heads.0", "heads.1"])
        #expect(try file.report(ModelManifest()).choices.map(\.head) == [.mhp])
        #expect(
            try #require(try file.refusal(.dense()))
                .hasSuffix("there are heads at 'heads.0' [3, 5], 'heads.1' [4, 5]"))
        #expect(try file.head(.dense { $0.prefix = "heads.1" }).summary.classCount == 4)
    }

    @Test func `sizes that are told must be those of the layers`() throws {
        let file = Self.file(["heads.0", "heads.1"])
        for heads in [[4, 3], [3], [3, 4, 1]] {
            #expect(
                try #require(try file.refusal(Self.manifest { $0.heads = heads }))
                    .contains("'heads' contradicts the checkpoint: its layers have [3, 4] outputs"))
        }
        #expect(try file.refusal(Self.manifest { $0.heads = [3, 4] }) == nil)
    }

    @Test func `layers of different widths are refused`() throws {
        let file = ArrayFile(layers: [("a", [3, 5]), ("b", [4, 6])])
        let manifest = Self.manifest { $0.tensors = NamedTensorTests.names(heads: ["a", "b"]) }
        #expect(
            try #require(try file.refusal(manifest))
                .contains("'b.weight' has shape [4, 6], expected [4, 5]"))
    }

    @Test func `a layer without a bias adds none`() throws {
        var file = Self.file(["heads.0", "heads.1"])
        file["heads.0.bias"]?.values = [0, 0, 0]
        let x = Self.x.map { Float($0) }
        let with = try file.probabilities(Self.manifest(), x)
        file["heads.0.bias"] = nil
        #expect(try file.probabilities(Self.manifest(), x) == with)
    }

    @Test func `any dense layer is an MHP head where it is said to be one`() throws {
        let file = ArrayFile(layers: [("model.fc", [7, 5])])
        let manifest = Self.manifest { $0.heads = [3, 4] }
        #expect(try file.head(manifest).summary.classCount == 11)
    }

    @Test func `the layers before the only one are named`() throws {
        let file = ArrayFile(layers: [("classifier.0", [5, 5]), ("classifier.2", [7, 5])])
        let report = try file.report(Self.manifest { $0.heads = [3, 4] })
        #expect(report.passedThrough.map(\.name) == ["classifier.0"])
        #expect(report.rule.hasPrefix("`classifier.2.weight`, one dense layer"))
    }
}
