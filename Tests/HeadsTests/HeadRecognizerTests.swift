import Checkpoints
import Fixtures
import Predictions
import Testing

@testable import Heads

/// The list of recognisers: who is asked, and what comes of several answers.
@Suite struct HeadRecognizerTests {
    /// A head that is there because a test says so.
    struct StatedHead: RecognizedHead {
        let kind: HeadKind
        var isCertain: Bool
        var missing: [ManifestKeyRule] = []
        var refusal: String?
        let manifest: ModelManifest
        let tensors: TensorTable

        func facts() throws(ModelError) -> HeadFacts {
            if let refusal { throw .contradiction(key: "x", reason: refusal) }
            return HeadFacts(
                origin: "a test", rule: "\(kind)", settings: missing,
                sizes: HeadSizes(inputCount: 1, featureCount: 1, classCount: 2),
                parameterCount: 2, comparison: nil)
        }

        func head() throws(ModelError) -> any Head {
            throw .unexpectedTensor(name: "weight", reason: "\(kind)")
        }
    }

    struct StatedRecognizer: HeadRecognizer {
        let kinds: [HeadKind]
        var isCertain = false
        var missing: [ModelManifest.CodingKeys] = []
        var refusal: String?

        func candidates(in places: HeadPlaces) throws(ModelError) -> [any RecognizedHead] {
            kinds.map {
                StatedHead(
                    kind: $0, isCertain: isCertain || places.manifest.head == $0,
                    missing: missing.map { ($0, .required) }, refusal: refusal,
                    manifest: places.manifest, tensors: places.torch)
            }
        }
    }

    static func recognition(_ ranks: [[StatedRecognizer]]) throws -> HeadRecognition {
        var random = SeededRandom(seed: 1)
        var file = ArrayFile()
        file.add("weight", [2, 1], &random)
        var recognition = HeadRecognition(
            manifest: ModelManifest(), checkpoint: try file.checkpoint())
        recognition.recognizers = ranks
        return recognition
    }

    static func refusal(_ ranks: [[StatedRecognizer]]) throws -> String {
        let recognition = try recognition(ranks)
        do throws(ModelError) {
            _ = try recognition.head()
            return ""
        } catch {
            return "\(error)"
        }
    }

    private static let path = ArrayFile.path + ": "

    @Test func `two candidates are an ambiguity`() throws {
        let ranks = [
            [
                StatedRecognizer(kinds: [.dense], missing: [.link]),
                StatedRecognizer(kinds: [.mhp], missing: [.heads, .classes]),
            ]
        ]
        let report = try Self.recognition(ranks).report()
        #expect(report.head == nil && report.missingKeys == ["head"])
        #expect(
            report.choices == [
                HeadChoice(head: .dense, missingKeys: ["link"]),
                HeadChoice(head: .mhp, missingKeys: ["heads", "classes"]),
            ])
        #expect(
            try Self.refusal(ranks) == Self.path
                + "model.json must say 'head': the weights could be 'dense', with 'link' as well, "
                + "or 'mhp', with 'heads', 'classes' as well")
    }

    @Test func `so are two that are certain`() throws {
        let report = try Self.recognition([
            [
                StatedRecognizer(kinds: [.mhc], isCertain: true), StatedRecognizer(kinds: [.dense]),
                StatedRecognizer(kinds: [.het], isCertain: true),
            ]
        ]).report()
        #expect(report.head == nil && report.choices.map(\.head) == [.mhc, .het])
    }

    @Test func `one that is merely possible must be named`() throws {
        #expect(
            try Self.refusal([[StatedRecognizer(kinds: [.dense])]])
                == Self.path + "model.json must say 'head': the weights could be 'dense'")
    }

    @Test func `a certain head excludes those that are possible`() throws {
        let ranks = [
            [
                StatedRecognizer(kinds: [.dense]), StatedRecognizer(kinds: [.mhp], isCertain: true),
            ]
        ]
        let report = try Self.recognition(ranks).report()
        #expect(report.head == .mhp && report.choices.isEmpty && report.missingKeys.isEmpty)
        #expect(
            try Self.refusal(ranks)
                == Self.path + "tensor 'weight' does not belong there: \(HeadKind.mhp)")
    }

    @Test func `a layer of an earlier rank's head is no head of a later rank`() throws {
        let (none, some) = (
            StatedRecognizer(kinds: []), StatedRecognizer(kinds: [.het], isCertain: true)
        )
        let last = StatedRecognizer(kinds: [.mhc], isCertain: true)
        #expect(try Self.recognition([[none], [some], [last]]).report().head == .het)
        #expect(try Self.recognition([[none], [last], [some]]).report().head == .mhc)
        #expect(try Self.refusal([[none], [none, none]]).contains("no known head"))
    }

    @Test func `a kind that contradicts the manifest is no choice`() throws {
        let wrong = StatedRecognizer(kinds: [.mhp], refusal: "so it is")
        let report = try Self.recognition([[StatedRecognizer(kinds: [.dense]), wrong]]).report()
        #expect(report.choices == [HeadChoice(head: .dense, missingKeys: [])])
        #expect(
            try Self.refusal([[wrong, wrong]])
                == Self.path + "model.json: 'x' contradicts the checkpoint: so it is")
    }

    /// Tensors of several families in one file: the candidates of the first rank that has any.
    @Test(arguments: [
        (["C", "temp", "fc.weight", "group.weight", "classifier.weight", "embed.weight"], "url"),
        (["head/kernel", "group.weight", "classifier.weight", "embed.weight"], "JAX"),
        (["group.weight", "classifier.weight", "embed.weight", "fc.weight"], "MHC"),
        (["classifier.weight"], "MHP"), (["fc.weight"], "dense"),
        (["weight"], "MHS"),
    ])
    func `the order of the list is the precedence`(_ names: [String], _ first: String) throws {
        let shapes = [
            "C": [4, 8], "temp": [], "fc.weight": [3, 4], "group.weight": [2, 4],
            "classifier.weight": [3, 4], "embed.weight": [6, 3], "head/kernel": [4, 3],
            "l0.weight": [3, 4], "weight": [2, 2, 4],
        ]
        var random = SeededRandom(seed: 1)
        var file = ArrayFile()
        for name in names {
            file.add(name, try #require(shapes[name]), &random)
            if name.hasSuffix(".weight"), !["embed.weight", "weight"].contains(name) {
                file.add(String(name.dropLast(6)) + "bias", [shapes[name]?[0] ?? 0], &random)
            }
        }
        file.add("head/bias", [3], &random)
        let places = HeadPlaces(manifest: ModelManifest(), checkpoint: try file.checkpoint())
        let ranks = try HeadRecognizers.byRank.map { rank in
            try rank.flatMap { try $0.candidates(in: places) }.map(\.kind)
        }
        let expected: [String: [HeadKind]] = [
            "url": [.hetXL], "JAX": [.dense], "MHC": [.mhc], "MHP": [.dense, .mhp],
            "dense": [.dense], "MHS": [.mhs, .arcFaceMHS],
        ]
        #expect(ranks.first { !$0.isEmpty } == expected[first])
    }
}
