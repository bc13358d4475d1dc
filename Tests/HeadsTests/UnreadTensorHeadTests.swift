import Checkpoints
import Fixtures
import Predictions
import Testing

@testable import Heads

/// Tensors of types that nobody reads: refused where a head needs one, else left alone.
@Suite struct UnreadTensorHeadTests {
    /// A `.npz` with arrays of complex numbers in the place of these.
    static func refusal(
        _ layers: [(String, [Int])], unread: [String], _ manifest: ModelManifest = .dense()
    ) throws -> String? {
        var file = ArrayFile(layers: layers)
        for name in unread {
            let shape = name.hasSuffix("weight") ? [1, 2] : [2]
            file[name] = .init(name: name, shape: shape, values: [0, 0, 0, 0], areComplex: true)
        }
        return try file.refusal(manifest)
    }

    @Test func `beside the head they may be anything`() throws {
        #expect(try Self.refusal([("fc", [4, 3])], unread: ["rope.freqs", "a"]) == nil)
    }

    @Test(arguments: ["fc.weight", "fc.bias", "fc.sigma"])
    func `within the head they are refused by name`(_ name: String) throws {
        let text = try #require(try Self.refusal([("fc", [4, 3])], unread: [name]))
        #expect(text.contains("\"\(name)\"") && text.contains("complex64"))
    }

    @Test func `a layer that cannot be read is a head by its name too`() throws {
        let text = try #require(
            try Self.refusal([("fc", [4, 3]), ("head", [5, 3])], unread: ["head.weight"]))
        #expect(text.contains("there are heads at 'fc' [4, 3], 'head' [1, 2]"))
        #expect(
            try Self.refusal(
                [("fc", [4, 3]), ("head", [5, 3])], unread: ["head.weight"],
                .dense { $0.prefix = "fc" }) == nil)
    }

    @Test func `without a head they are listed`() throws {
        let text = try #require(
            try Self.refusal([("stem", [4, 3]), ("x", [3, 4])], unread: ["q"]))
        #expect(text.contains("among its 4 tensors and 1 that are not read, 'q' (complex64)"))
    }

    /// A learned temperature must not pass for one that `model.json` gives.
    @Test func `a part of a head with noise is missed`() throws {
        for name in ["pre_sigmoid_temperature", "scale_layer/kernel", "diag_layer/bias"] {
            var file = HeadPlaceTests.het("multiclass_head/")
            let full = "multiclass_head/" + name
            file[full] = .init(name: full, shape: [1], values: [0, 0], areComplex: true)
            #expect(try #require(try file.refusal(HeadPlaceTests.manifest())).contains("complex64"))
        }
    }
}
