import Checkpoints
import Foundation
import Heads
import Testing

@testable import headserve

@Suite struct InspectionTextTests {
    /// Lines of the text after those of the file.
    static func lines(_ path: String) throws -> [String] {
        let text = InspectionText(try ModelInspection(path: path)).text
        return text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    @Test func `a head that could be two lists the keys of each`() throws {
        let model = try InspectedModel([("classifier.weight", [13, 8]), ("classifier.bias", [13])])
        let inspection = try ModelInspection(path: model.file)
        #expect(
            InspectionText(inspection).text == """
                \(model.file)
                  format     safetensors, \(model.byteCount) bytes
                  sha256     \(inspection.sha256)

                Tensors
                  classifier.weight  float32  [13, 8]
                  classifier.bias    float32  [13]

                Head
                  kind       dense or mhp, of any PyTorch module
                  rule       `classifier.weight` [13, 8], one dense layer
                  sizes      8 inputs
                  parameters 117

                model.json
                  head        -     MISSING
                  pre_logits  none  default
                  labels      -     default
                  version     1     default

                model.json must say 'head'.
                For 'dense' it must say 'link' as well.
                For 'mhp' it must say 'heads', 'classes', 'head_activation' as well.
                """)
    }

    @Test func `a model that lacks nothing can be served`() throws {
        let model = try InspectedModel(
            [("weight", [3, 4]), ("bias", [3]), ("pre_logits.weight", [4, 5])],
            manifest: """
                {"checkpoint": "model.safetensors", "head": "dense", "link": "softmax", \
                "pre_logits": "tanh", "version": "7"}
                """)
        let lines = try Self.lines(model.folder)
        #expect(lines.first == model.file)
        #expect(lines.contains("  sizes      5 inputs, 4 features, 3 classes"))
        // 3 · 4 + 3; the layer before the head is none of it.
        #expect(lines.contains("  parameters 15"))
        #expect(lines.contains("  version     7        told"))
        #expect(lines.suffix(2) == ["", "This can be served as it is."])
    }

    @Test func `the key that a head has no use for is named`() throws {
        let model = try InspectedModel(
            [("weight", [3, 4]), ("bias", [3])],
            manifest: """
                {"checkpoint": "model.safetensors", "head": "dense", "link": "softmax", "beam": 2}
                """)
        let lines = try Self.lines(model.folder)
        let start = try #require(lines.firstIndex(of: "No head to serve"))
        #expect(lines[start + 1].contains("'beam' has no effect on a 'dense' head"))
    }

    @Test func `the noise of HET takes K over D times the parameters`() throws {
        let head = "multiclass_head/"
        let model = try InspectedModel([
            (head + "loc_layer/kernel", [4, 6]), (head + "loc_layer/bias", [6]),
            (head + "diag_layer/kernel", [4, 4]), (head + "diag_layer/bias", [4]),
        ])
        // HET's diagonal layer goes from D to K: 4 · 6 + 6 in the place of 4 · 4 + 4.
        #expect(
            try Self.lines(model.file).contains(
                "  parameters 50; het in its place would have 60 (K/D = 6/4)"))
    }

    @Test func `a checkpoint without a head shows its tensors all the same`() throws {
        let model = try InspectedModel([("conv/kernel", [3, 3, 1, 2])])
        let lines = try Self.lines(model.file)
        #expect(lines.contains("  conv/kernel  float32  [3, 3, 1, 2]"))
        let start = try #require(lines.firstIndex(of: "No head to serve"))
        #expect(lines.count == start + 2 && lines[start + 1].hasPrefix("  "))
    }

    @Test func `a name of more than a hundred characters shifts its own row alone`() throws {
        let (longest, longer) = (
            String(repeating: "a", count: 100), String(repeating: "b", count: 101)
        )
        let model = try InspectedModel([
            ("weight", [3, 4]), ("bias", [3]), (longest, [1]), (longer, [1]),
        ])
        let lines = try Self.lines(model.file)
        let name = "  weight" + String(repeating: " ", count: 94)
        #expect(lines.contains(name + "  float32  [3, 4]"))
        #expect(lines.contains("  \(longest)  float32  [1]"))
        #expect(lines.contains("  \(longer)  float32  [1]"))
    }

    @Test func `a name cannot forge a line or move the cursor`() throws {
        let model = try InspectedModel([("weight", [3, 4]), ("a\u{1B}[2J\nHead", [1])])
        #expect(try Self.lines(model.file).contains(#"  a\u{1B}[2J\nHead  float32  [1]"#))
    }
}

@Suite struct InspectionJSONTests {
    static func object(_ path: String) throws -> [String: Any] {
        let text = try InspectionJSON(try ModelInspection(path: path)).text()
        let parsed = try JSONSerialization.jsonObject(with: Data(text.utf8))
        return try #require(parsed as? [String: Any])
    }

    @Test func `a head and its missing keys`() throws {
        let model = try InspectedModel([("classifier.weight", [13, 8]), ("classifier.bias", [13])])
        let object = try Self.object(model.file)
        let names = [
            "bytes", "format", "head", "missing_keys", "path", "sha256", "tensors", "unread",
        ]
        #expect(object.keys.sorted() == names)
        #expect(object["path"] as? String == model.file)
        #expect(object["format"] as? String == "safetensors")
        #expect(object["bytes"] as? Int == model.byteCount)
        #expect(object["missing_keys"] as? [String] == ["head"])
        let tensors = try #require(object["tensors"] as? [[String: Any]])
        #expect(tensors.map { $0["name"] as? String } == ["classifier.weight", "classifier.bias"])
        #expect(tensors.map { $0["type"] as? String } == ["float32", "float32"])
        #expect(tensors.map { $0["shape"] as? [Int] } == [[13, 8], [13]])
        let head = try #require(object["head"] as? [String: Any])
        #expect(head["head"] == nil && head["parameter_count"] as? Int == 117)
        let choices = try #require(head["choices"] as? [[String: Any]])
        #expect(choices.map { $0["head"] as? String } == ["dense", "mhp"])
        #expect(choices.first?["missing_keys"] as? [String] == ["link"])
    }

    @Test func `a reason in the place of a head`() throws {
        let model = try InspectedModel([("conv/kernel", [3, 3, 1, 2])])
        let object = try Self.object(model.file)
        let names = [
            "bytes", "error", "format", "missing_keys", "path", "sha256", "tensors", "unread",
        ]
        #expect(object.keys.sorted() == names)
        #expect(object["missing_keys"] as? [String] == [])
        let lines = try InspectionTextTests.lines(model.file)
        #expect(lines.last == "  " + (object["error"] as? String ?? ""))
    }

    @Test func `slashes stay as they are`() throws {
        let model = try InspectedModel([("conv/kernel", [3, 3, 1, 2])])
        let text = try InspectionJSON(try ModelInspection(path: model.file)).text()
        #expect(text.contains(#""name" : "conv/kernel""#))
    }
}

@Suite struct InspectedLayerTests {
    static let folder = """
        {"checkpoint": "model.safetensors", "head": "dense", "link": "softmax"}
        """

    @Test func `the layers that instances must have passed through are named`() throws {
        let layers = [
            ("classifier.dense.weight", [4, 4]), ("classifier.dense.bias", [4]),
            ("classifier.out_proj.weight", [3, 4]), ("classifier.out_proj.bias", [3]),
        ]
        let model = try InspectedModel(layers, manifest: Self.folder)
        #expect(
            try InspectionTextTests.lines(model.folder).contains(
                "  instances  must have passed through 'classifier.dense' [4, 4], which does not "
                    + "run here"))
        let head = try #require(
            try InspectionJSONTests.object(model.folder)["head"] as? [String: Any])
        let passed = try #require(head["passed_through"] as? [[String: Any]])
        #expect(passed.map { $0["name"] as? String } == ["classifier.dense"])
        #expect(passed.map { $0["shape"] as? [Int] } == [[4, 4]])
    }

    @Test func `what is not used beside the head is named`() throws {
        let layers = [("fc.weight", [3, 4]), ("fc.bias", [3]), ("logit_scale", [1])]
        let model = try InspectedModel(layers, manifest: Self.folder)
        #expect(
            try InspectionTextTests.lines(model.folder).contains(
                "  unused     'logit_scale' [1]: beside the head, and not applied to its answers"))
        let head = try #require(
            try InspectionJSONTests.object(model.folder)["head"] as? [String: Any])
        let unused = try #require(head["unused"] as? [[String: Any]])
        #expect(unused.map { $0["name"] as? String } == ["logit_scale"])
    }

    @Test func `the kinds of tensors that are not read are counted, the first names listed`() {
        func tensor(_ name: String, _ type: String) -> UnreadTensor {
            UnreadTensor(name: name, shape: nil, type: type, reason: "why \(name)")
        }
        for count in [4, 5, 6] {
            let tensors =
                [tensor("a", "strings")]
                + (0..<count).map { tensor("c\($0)", "complex64") } + [tensor("z", "strings")]
            let kinds = UnreadKinds(tensors).kinds
            #expect(kinds.map(\.type) == ["strings", "complex64"])
            #expect(kinds.map(\.count) == [2, count] && kinds[0].names == ["a", "z"])
            #expect(kinds[1].names == (0..<min(count, 5)).map { "c\($0)" })
            #expect(kinds[0].reason == "why a")
        }
        #expect(UnreadKinds([]).kinds.isEmpty)
    }
}
