import Fixtures
import Predictions
import Testing

@testable import Heads

/// The line of `model.json` that a refusal offers: following it serves the right head.
@Suite struct HeadHintTests {
    static func file(_ arrays: [(String, [Int])]) -> ArrayFile {
        var random = SeededRandom(seed: 41)
        var file = ArrayFile()
        for (name, shape) in arrays { file.add(name, shape, &random) }
        return file
    }

    static func hint(_ arrays: [(String, [Int])]) throws -> String {
        try #require(try file(arrays).refusal(.dense()))
    }

    @Test(arguments: [
        ("W", "b"), ("arr_0", "arr_1"), ("coef", "intercept"), ("fc.w", "fc.b"),
        ("classifier_weight", "classifier_bias"), ("weights", "biases"),
    ])
    func `the vector of as many numbers is named as the bias`(
        _ weight: String, _ bias: String
    ) throws {
        let text = try Self.hint([(weight, [4, 5]), (bias, [4])])
        #expect(
            text.hasSuffix(
                "which: {\"tensors\": {\"weight\": \"\(weight)\", \"bias\": \"\(bias)\"}, "
                    + "\"head\": \"dense\", …}"))
        let told = UnnamedBiasTests.manifest(weight, bias: bias)
        #expect(try Self.file([(weight, [4, 5]), (bias, [4])]).refusal(told) == nil)
    }

    @Test func `so it is beside a layer`() throws {
        let text = try Self.hint([("m.last.weight", [4, 5]), ("m.last_b", [4])])
        #expect(
            text.contains(#"{"prefix": "m.last", "tensors": {"bias": "m.last_b"}, "head""#))
    }

    @Test func `a transposed matrix is told as one`() throws {
        let text = try Self.hint([("W", [5, 4]), ("b", [4])])
        #expect(
            text.hasSuffix(
                "'W' [5, 4] seems to be [width, labels], for 'b' has one number a column; save its "
                    + "transpose"))
    }

    /// PEFT keeps the untrained weights beside the trained ones.
    @Test func `untrained weights are not offered`() throws {
        let base = "base_model.model.classifier."
        let text = try Self.hint([
            (base + "modules_to_save.default.weight", [3, 5]),
            (base + "original_module.weight", [3, 5]),
            ("base_model.model.q.lora_A.default.weight", [2, 5]),
        ])
        #expect(!text.contains("original_module"))
        #expect(text.contains("{\"prefix\": \"\(base)modules_to_save.default\", "))
    }

    @Test(arguments: ["original_module", "modules_to_save.default"])
    func `nothing passes through the other of the two`(_ name: String) throws {
        let base = "base_model.model.classifier."
        let file = ArrayFile(layers: [
            (base + "modules_to_save.default", [3, 5]), (base + "original_module", [3, 5]),
        ])
        let report = try file.report(.dense { $0.prefix = base + name })
        #expect(report.passedThrough.isEmpty)
        let isUntrained = name == "original_module"
        #expect(report.unused.map(\.name) == (isUntrained ? [base + "modules_to_save"] : []))
    }

    /// DINO's head: a weight-normalised layer behind an MLP, first in the order of names.
    @Test func `the last layer is the one whose outputs no other gets`() throws {
        let text = try Self.hint([
            ("head.last_layer.weight_g", [9, 1]), ("head.last_layer.weight_v", [9, 5]),
            ("head.mlp.0.weight", [7, 6]), ("head.mlp.2.weight", [5, 7]),
        ])
        #expect(text.contains(#"{"prefix": "head.last_layer", "head""#))
    }

    @Test func `layers of Haiku are named by their weights alone`() throws {
        let text = try Self.hint([("mlp/~/linear_0/w", [5, 4]), ("mlp/~/linear_0/b", [4])])
        #expect(text.contains(#"{"tensors": {"weight": "mlp/~/linear_0/w"}, "head""#))
    }

    @Test func `the mean of a HET head is not offered`() throws {
        let text = try Self.hint([
            ("head.loc_layer.kernel", [5, 4]), ("head.diag_layer.kernel", [5, 4]),
        ])
        #expect(text.contains("belongs to a het or het-xl head") && !text.contains("dense"))
    }

    /// `torch.save(weight, path)`: the file is the matrix, as a `.npy` file is.
    @Test func `a matrix that is a whole file is served`() throws {
        let matrix: [Float] = [1, 0, 0, 2, 1, 1]
        let names = try HeadRecognition(
            manifest: .dense(), checkpoint: try ArrayFile.lone([3, 2], matrix)
        ).report()
        #expect(names.sizes.classCount == 3)
    }
}
