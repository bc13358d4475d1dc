import Testing

@testable import Heads

/// The keys of a `model.json`, their types and their texts.
@Suite struct ManifestKeyTests {
    static func parse(_ text: String) throws -> ModelManifest {
        try ModelManifest.parse([UInt8](text.utf8), path: "m/model.json")
    }

    static func refusal(_ text: String) -> String? {
        do throws(ModelError) {
            _ = try ModelManifest.parse([UInt8](text.utf8), path: "m/model.json")
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func `every key is read`() throws {
        let manifest = try Self.parse(
            #"""
            {"checkpoint": "c.pth", "head": "dense", "link": "sigmoid", "temperature": 0.5,
             "temperature_bounds": [0.25, 2], "diagonal_noise": "independent", "samples": 12,
             "heads": [2, 3], "classes": 6, "head_activation": "softmax", "task": "multi-label",
             "beam": 4, "scale": 1e2, "bias": -12.5, "normalize": "l2",
             "normalize_weights": true, "prefix": "model.", "pre_logits": "gelu",
             "tensors": {"weight": "coef_", "bias": "intercept_", "pre_logits": "pooler.dense",
                         "heads": ["h2", "h1"]},
             "labels": "l.txt", "version": "7"}
            """#)
        let given = ModelManifest.CodingKeys.allCases.filter { manifest.has($0) }
        #expect(given == ModelManifest.CodingKeys.allCases)
        #expect(manifest.bias == -12.5 && manifest.scale == 100 && manifest.normalize == .l2)
        #expect(manifest.normalizeWeights == true && manifest.preLogits == .gelu)
        #expect(manifest.tensors?.weight == "coef_" && manifest.tensors?.bias == "intercept_")
        #expect(manifest.tensors?.preLogits == "pooler.dense")
        #expect(manifest.tensors?.heads == ["h2", "h1"])
    }

    /// Most manifests come from programs that write a key for every field.
    @Test func `null is no value`() throws {
        let keys = ModelManifest.CodingKeys.allCases.map { "\"\($0.rawValue)\": null" }
        let manifest = try Self.parse("{" + keys.joined(separator: ", ") + "}")
        #expect(!ModelManifest.CodingKeys.allCases.contains { manifest.has($0) })
    }

    @Test(arguments: [0, 1, 64, 65]) func `a list of heads is bounded`(count: Int) throws {
        let names = (0..<count).map { "\"head\($0)\"" }.joined(separator: ", ")
        let manifest = try? Self.parse(#"{"tensors": {"heads": [\#(names)]}}"#)
        #expect((manifest != nil) == (1...64).contains(count))
    }

    @Test func `an error names the value that it found`() {
        #expect(
            Self.refusal(#"{"normalize": "L2"}"#)
                == "m/model.json: 'normalize' must be one of 'none', 'l2', not 'L2'")
        #expect(
            Self.refusal(#"{"normalize_weights": 0}"#)
                == "m/model.json: 'normalize_weights' must be true or false, not 0.0")
        #expect(
            Self.refusal(#"{"tensors": {"wieght": "coef_"}}"#)
                == "m/model.json: unknown key 'tensors.wieght', did you mean "
                + "'tensors.weight'?; the keys are tensors.weight, "
                + "tensors.bias, tensors.pre_logits, tensors.heads")
        #expect(Self.refusal(#"{"lnik": 1}"#)?.contains("'lnik', did you mean 'link'?; ") == true)
        #expect(Self.refusal(#"{"comment": 1}"#)?.contains("'comment'; the keys are ") == true)
        let long = String(repeating: "x", count: 61)
        #expect(
            Self.refusal("{\"\(long)\": 1}")?.contains("unknown key '\(long.dropLast())…'") == true)
        #expect(Self.refusal("{\"a\\u001bb\": 1}")?.contains("unknown key 'aU+001Bb'") == true)
    }

    @Test func `names of tensors are written as they were read`() throws {
        let text =
            #"{"weight": "a \"b\" \\ \u000A", "heads": ["h1", "é"]}"#
        let manifest = try Self.parse("{\"tensors\": \(text)}")
        #expect(manifest.tensors?.json == text)
    }
}
