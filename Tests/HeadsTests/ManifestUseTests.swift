import Fixtures
import Predictions
import Testing

@testable import Heads

/// Every key of `model.json` with every kind of head: it has an effect or is refused by name.
@Suite struct ManifestUseTests {
    /// A small head of each kind with the keys it needs, and the keys that have an effect on it
    /// beside those of any model.
    struct Subject: Sendable {
        let keys: String
        let tensors: [(name: String, shape: [Int])]
        let effective: Set<String>
    }

    static let noisy: [(String, [Int])] = [
        ("multiclass_head/loc_layer/kernel", [4, 6]), ("multiclass_head/loc_layer/bias", [6]),
    ]
    static let cascade: [(String, [Int])] = [
        ("group.weight", [2, 4]), ("group.bias", [2]), ("classifier.weight", [3, 4]),
        ("classifier.bias", [3]), ("embed.weight", [6, 3]),
    ]
    static func diagonal(_ outputs: Int) -> [(String, [Int])] {
        [
            ("multiclass_head/diag_layer/kernel", [4, outputs]),
            ("multiclass_head/diag_layer/bias", [outputs]),
        ]
    }
    static let exact: Set = ["link", "temperature", "scale", "normalize_weights", "normalize"]
    static let sampled: Set = ["link", "temperature", "diagonal_noise", "samples", "normalize"]

    static let subjects: [Subject] = [
        Subject(
            keys: #""head": "dense", "link": "softmax""#, tensors: [("weight", [6, 4])],
            effective: exact),
        Subject(
            keys: #""head": "dense", "link": "sigmoid""#, tensors: [("weight", [6, 4])],
            effective: exact.union(["bias"])),
        Subject(
            keys: #""head": "dense", "link": "sigmoid""#,
            tensors: [("head/kernel", [4, 6]), ("head/bias", [6])],
            effective: exact.union(["bias"])),
        Subject(
            keys: #""head": "mhs""#, tensors: [("weight", [2, 3, 4])],
            effective: exact.union(["heads"])),
        Subject(
            keys: #""head": "mhs", "link": "sigmoid""#, tensors: [("weight", [2, 3, 4])],
            effective: exact.union(["heads", "bias"])),
        Subject(
            keys: #""head": "arcface-mhs""#, tensors: [("weight", [2, 3, 4])],
            effective: ["scale", "heads"]),
        Subject(
            keys: #""head": "mhp", "classes": 6, "heads": [2, 3], "head_activation": "softmax""#,
            tensors: [("classifier.weight", [5, 4]), ("classifier.bias", [5])],
            effective: ["heads", "head_activation", "normalize"]),
        Subject(
            keys: #""head": "mhc""#, tensors: cascade,
            effective: ["heads", "head_activation", "task", "beam", "normalize"]),
        Subject(
            keys: #""head": "het", "temperature": 1"#, tensors: noisy + diagonal(6),
            effective: sampled),
        Subject(
            keys: #""head": "het-xl", "temperature": 1"#, tensors: noisy + diagonal(4),
            effective: sampled),
    ]

    /// Every key but `tensors`, whose use depends on the file, and those that any model has.
    static let values: [(key: String, value: String)] = [
        ("link", #""softmax""#), ("temperature", "2"), ("temperature_bounds", "[1, 2]"),
        ("diagonal_noise", #""independent""#), ("samples", "10"), ("heads", "[2, 3]"),
        ("head_activation", #""softmax""#), ("task", #""single-label""#), ("beam", "1"),
        ("scale", "2"), ("bias", "1"), ("normalize", #""l2""#), ("normalize_weights", "true"),
    ]

    private static func refusal(_ subject: Subject, _ key: String, _ value: String) throws
        -> String?
    {
        var random = SeededRandom(seed: 1)
        var file = ArrayFile()
        for tensor in subject.tensors { file.add(tensor.name, tensor.shape, &random) }
        // A key that the head needs keeps its own value.
        let isThere = subject.keys.contains("\"\(key)\"")
        let keys = isThere ? subject.keys : subject.keys + ", \"\(key)\": \(value)"
        return try file.refusal(try ManifestKeyTests.parse("{\(keys)}"))
    }

    @Test(arguments: subjects, values)
    func `a key has an effect or is refused by name`(
        _ subject: Subject, _ key: (key: String, value: String)
    ) throws {
        let refusal = try Self.refusal(subject, key.key, key.value)
        guard !subject.effective.contains(key.key) else {
            return #expect(refusal == nil)
        }
        let text = try #require(refusal, "\(subject.keys): \(key.key)")
        #expect(text.contains("model.json: '\(key.key)' "))
        // A het head without a learned temperature, and nothing to be bounded.
        let isContradiction = key.key == "temperature_bounds" && text.contains("contradicts")
        #expect(isContradiction || text.contains("' has no effect on a '"))
    }

    @Test(arguments: subjects) func `keys of any model have an effect on it`(_ subject: Subject)
        throws
    {
        for (key, value) in [
            ("pre_logits", #""none""#), ("labels", #""l.txt""#), ("version", #""3""#),
            ("classes", "6"), ("normalize", #""none""#),
        ] {
            #expect(try Self.refusal(subject, key, value) == nil, "\(subject.keys): \(key)")
        }
    }

    @Test func `the reason and the way out are told`() throws {
        let subject = Self.subjects[0]
        #expect(
            try Self.refusal(subject, "beam", "3")
                == "made/checkpoint.npz: model.json: 'beam' has no effect on a 'dense' head: "
                + "it is the number of groups that an mhc head keeps; remove it")
        #expect(
            try Self.refusal(subject, "task", #""multi-label", "samples": 5"#)
                == "made/checkpoint.npz: model.json: 'samples' has no effect on a 'dense' head: "
                + "only het and het-xl heads draw samples; others are exact; 'task' has no "
                + "effect on a 'dense' head: only mhc heads distinguish tasks; remove them")
    }

    /// Inspection says what serving would.
    @Test func `a report is refused as the head is`() throws {
        var random = SeededRandom(seed: 1)
        var file = ArrayFile()
        file.add("weight", [6, 4], &random)
        var manifest = ModelManifest()
        (manifest.head, manifest.link, manifest.beam) = (.dense, .softmax, 2)
        #expect(throws: ModelError.self) { try file.report(manifest) }
        manifest.beam = nil
        manifest.temperature = 2
        let settings = try file.report(manifest).settings.map(HeadReportTests.text)
        #expect(settings.contains("temperature 2.0 (told)"))
        #expect(!settings.contains { $0.hasPrefix("scale") || $0.hasPrefix("normalize") })
    }

    /// An ArcFace head behind a layer has features of any length.
    @Test func `instances before a layer may be normalised`() throws {
        var random = SeededRandom(seed: 1)
        var file = ArrayFile()
        file.add("weight", [2, 3, 4], &random)
        file.add("pre_logits.weight", [4, 5], &random)
        for (layer, isRefused) in [("none", true), ("tanh", false)] {
            let manifest = try ManifestKeyTests.parse(
                #"{"head": "arcface-mhs", "normalize": "l2", "pre_logits": "\#(layer)"}"#)
            #expect((try file.refusal(manifest) != nil) == isRefused)
        }
    }
}
