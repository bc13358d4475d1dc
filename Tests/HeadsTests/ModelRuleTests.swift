import Fixtures
import Foundation
import Predictions
import Testing

@testable import Heads

/// Refusals of models whose answers would be no use, and what a conversion keeps.
@Suite struct ModelRuleTests {
    static func file(_ tensors: [(String, [Int])]) -> ArrayFile {
        var random = SeededRandom(seed: 21)
        var file = ArrayFile()
        for (name, shape) in tensors { file.add(name, shape, &random) }
        return file
    }

    // MARK: One class

    static let noise: [(String, [Int])] = [
        ("head/loc_layer/kernel", [4, 1]), ("head/loc_layer/bias", [1]),
        ("head/diag_layer/kernel", [4, 4]), ("head/diag_layer/bias", [4]),
    ]

    static let lone: [(keys: String, tensors: [(String, [Int])], advice: String?)] = [
        (
            #""head": "dense", "link": "softmax""#, [("weight", [1, 4])],
            #"model.json must say "link": "sigmoid""#
        ),
        (#""head": "dense", "link": "sigmoid""#, [("weight", [1, 4])], nil),
        (#""head": "mhs""#, [("weight", [1, 1, 4])], #"model.json must say "link": "sigmoid""#),
        (#""head": "mhs", "link": "sigmoid""#, [("weight", [1, 1, 4])], nil),
        (
            #""head": "mhs", "classes": 1"#, [("weight", [2, 1, 4])],
            #"model.json must say "link": "sigmoid""#
        ),
        (
            #""head": "het-xl", "link": "softmax", "temperature": 1"#, noise,
            #"model.json must say "link": "sigmoid""#
        ),
        (#""head": "het-xl", "link": "sigmoid", "temperature": 1"#, noise, nil),
        (
            #""head": "het-xl", "temperature": 1"#,
            noise.map { ("multiclass_" + $0.0, $0.1) }, "which a head of this name does not have"
        ),
        (
            #""head": "arcface-mhs""#, [("weight", [1, 1, 4])],
            #"a dense head with "link": "sigmoid""#
        ),
        (
            #""head": "mhp", "heads": [1, 1], "classes": 1, "head_activation": "softmax""#,
            [("classifier.weight", [2, 4]), ("classifier.bias", [2])],
            #"a dense head with "link": "sigmoid""#
        ),
        // A digit of one value is a head of one class, but not the only one.
        (
            #""head": "mhp", "heads": [1, 3], "classes": 3, "head_activation": "softmax""#,
            [("classifier.weight", [4, 4]), ("classifier.bias", [4])], nil
        ),
    ]

    @Test(arguments: lone)
    func `a softmax over one class is refused`(
        _ model: (keys: String, tensors: [(String, [Int])], advice: String?)
    ) throws {
        let manifest = try ManifestKeyTests.parse("{\(model.keys)}")
        let refusal = try Self.file(model.tensors).refusal(manifest)
        guard let advice = model.advice else { return #expect(refusal == nil) }
        #expect(refusal?.contains("a softmax over one class gives it probability 1") == true)
        #expect(refusal?.contains(advice) == true, "\(refusal ?? "")")
    }

    // MARK: A bias beside MHS

    @Test(arguments: [[6], [2, 3]]) func `a bias beside MHS weights is added`(_ shape: [Int]) throws
    {
        let file = Self.file([("weight", [2, 3, 8]), ("bias", shape)])
        let manifest = try ManifestKeyTests.parse(#"{"head": "mhs"}"#)
        #expect(try file.report(manifest).parameterCount == 6 * 8 + 6)
        var random = SeededRandom(seed: 22)
        let row = random.floats(8)
        let weights = (file["weight"]?.values ?? []).map { Double($0) }
        let logits = (file["bias"]?.values ?? []).enumerated().map { label, bias in
            row.indices.reduce(Double(bias)) { $0 + Double(row[$1]) * weights[label * 8 + $1] }
        }
        for classes in [6, 5] {
            var fewer = manifest
            fewer.classes = classes
            let expected = ReferenceHead.softmax(Array(logits.prefix(classes)))
            let found = try predictions(try file.head(fewer), row, everything())[0].probabilities
            // 9 terms below 1 a logit: 2⁻²⁰ of it, half of that and the 2⁻²¹ of the softmax.
            for (found, expected) in zip(found ?? [], expected) {
                #expect(abs(Double(found) - expected) <= 0x1p-20)
            }
            #expect(found?.count == classes)
        }
    }

    @Test func `one of another shape is refused`() throws {
        let manifest = try ManifestKeyTests.parse(#"{"head": "mhs"}"#)
        for shape in [[5], [3, 2], [7], [6, 1]] {
            let file = Self.file([("weight", [2, 3, 8]), ("bias", shape)])
            #expect(
                try file.refusal(manifest)?.contains("tensor 'bias' has shape \(shape)") == true)
        }
    }

    @Test func `a bias beside ArcFace weights is refused`() throws {
        let file = Self.file([("weight", [2, 3, 8]), ("bias", [6])])
        let manifest = try ManifestKeyTests.parse(#"{"head": "arcface-mhs"}"#)
        let refusal = try file.refusal(manifest)
        #expect(refusal?.contains("tensor 'bias' does not belong there") == true)
        #expect(refusal?.contains(#""head": "mhs""#) == true)
        // Without a kind told, the bias speaks for the other one.
        #expect(try file.report(ModelManifest()).choices.map(\.head) == [.mhs])
    }

    // MARK: Samples

    @Test(arguments: [499, 500, 501]) func `a model may not ask for more than a request`(
        _ limit: Int
    ) throws {
        try Self.withFolder { folder in
            let source = Fixtures.folder("het/hetxl-softmax-full")
            try FileManager.default.copyItem(
                atPath: source + "/checkpoint.npz", toPath: folder + "/c.npz")
            let keys = #""checkpoint": "c.npz", "temperature_bounds": [0.3, 3]"#
            try Data("{\(keys), \"samples\": 500}".utf8)
                .write(to: URL(filePath: folder + "/model.json"))
            do {
                let model = try Model.load(path: folder, maxSamples: limit)
                #expect(limit >= 500 && model.head.summary.defaultSampleCount == 500)
            } catch {
                let expected =
                    "\(folder)/c.npz: model.json: 'samples' is 500, above the limit of 499 for a "
                    + "request; lower it, or raise --max-samples"
                #expect(limit == 499 && "\(error)" == expected)
            }
            try Data("{\(keys)}".utf8).write(to: URL(filePath: folder + "/model.json"))
            let model = try Model.load(path: folder, maxSamples: limit)
            #expect(model.head.summary.defaultSampleCount == limit)
            let large = try Model.load(path: folder, maxSamples: 1001)
            #expect(large.head.summary.defaultSampleCount == 1000)
        }
    }

    // MARK: Conversion

    static func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "headserve-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.path)
    }

    @Test func `a conversion keeps every key and its effect`() throws {
        let file = Self.file([
            ("weight", [4, 6]), ("bias", [4]), ("pre_logits.weight", [6, 5]),
            ("pre_logits.bias", [6]),
        ])
        try Self.withFolder { folder in
            try Data(file.archive).write(to: URL(filePath: folder + "/c.npz"))
            try Data("\u{FEFF}a\r\nb\r\nc\r\nd\r\n".utf8)
                .write(to: URL(filePath: folder + "/l.txt"))
            let keys = #"""
                {"checkpoint": "c.npz", "head": "dense", "link": "sigmoid", "normalize": "l2",
                 "normalize_weights": true, "scale": 7.5, "temperature": 0.3, "bias": -2.25,
                 "pre_logits": "gelu", "labels": "l.txt"}
                """#
            try Data(keys.utf8).write(to: URL(filePath: folder + "/model.json"))
            let target = folder + "/m.safetensors"
            let report = try ModelConversion(path: folder, to: target).write(
                weights: nil, engine: .threads(1))
            #expect(report.largestDifference == 0)
            let (before, after) = (try Model.load(path: folder), try Model.load(path: target))
            var random = SeededRandom(seed: 5)
            let rows = random.floats(15)
            #expect(
                try predictions(after.head, rows, everything(topK: 4))
                    == predictions(before.head, rows, everything(topK: 4)))
            #expect(after.labels == ["a", "b", "c", "d"] && before.labels == after.labels)
            let told = try ModelInspection(path: target).head.get().settings
                .filter { $0.source == .manifest }.map(\.key)
            #expect(
                Set(told) == [
                    "head", "link", "normalize", "normalize_weights", "scale", "temperature",
                    "bias", "pre_logits", "version",
                ])
        }
    }

    /// A key twice inside the metadata of a file is refused as in a file of its own.
    @Test func `a manifest in a checkpoint is checked`() {
        do throws(ModelError) {
            _ = try ModelManifest.parse(
                [UInt8](#"{"head": "dense", "scale": 1, "scale": 2}"#.utf8),
                path: "m.safetensors: headserve.model")
            Issue.record("read")
        } catch {
            let expected =
                "m.safetensors: headserve.model: 'scale' stands twice, in line 1; "
                + "remove one of them"
            #expect("\(error)" == expected)
        }
    }
}
