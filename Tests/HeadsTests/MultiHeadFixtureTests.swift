import Checkpoints
import Fixtures
import FoundationEssentials
import LogitKernels
import Predictions
import Testing

@testable import Heads

/// MHP, MHC, MHS and ArcFace heads against the outputs of the authors' code.
@Suite struct MultiHeadFixtureTests {
    /// Contracted: float32 logits of some tens, whose rounding is 1e-6 relative, through a softmax.
    static let tolerance = 2e-5

    static func check(
        _ head: any Head, _ truth: Truth, _ array: String
    ) throws {
        let expected = try truth.rows(array)
        let answers = try predictions(
            head, try truth.floats("features"), everything(topK: 1_000_000))
        #expect(answers.count == expected.count)
        for (answer, row) in zip(answers, expected) {
            let found = try #require(answer.probabilities).map { Double($0) }
            #expect(found.count == row.count)
            #expect((zip(found, row).map { abs($0 - $1) }.max() ?? 1) <= tolerance)
            try expectBruteForceOrder(answer, found)
            let entropyFound = try #require(answer.uncertainty).predictiveEntropy
            // |dH| ≤ Σ|dp|·|1 + ln p|, at most a few tens of nats for p ≥ 1e-12.
            let bound = Self.tolerance * 40
            #expect(abs(entropyFound - entropy(row)) <= bound)
        }
    }

    /// The list holds every label once, in the order of a plain sort of all probabilities.
    static func expectBruteForceOrder(_ answer: Prediction, _ probabilities: [Double]) throws {
        #expect(answer.top.map(\.index).sorted() == Array(probabilities.indices))
        for (label, next) in zip(answer.top, answer.top.dropFirst()) {
            let (p, q) = (probabilities[label.index], probabilities[next.index])
            #expect(p >= q)
        }
        for label in answer.top {
            #expect(Double(try #require(label.probability)) == probabilities[label.index])
        }
    }

    @Test(arguments: [
        "mhp-3heads", "mhp-dataparallel", "mhp-2heads-module", "mhp-legacy", "mhp-legacy-module",
    ])
    func `product heads match the joint softmax`(_ name: String) throws {
        let model = try Model.load(path: Fixtures.folder("mhe/" + name))
        try Self.check(model.head, try Truth("mhe/" + name), "joint_softmax")
    }

    @Test(arguments: [
        ("mhp-3heads", [4, 5, 6], 113), ("mhp-dataparallel", [8, 9], 70),
        ("mhp-2heads-module", [10, 10], 100), ("mhp-legacy", [6, 7], 42),
        ("mhp-legacy-module", [2, 5], 10),
    ])
    func `product heads match the joint sigmoid`(_ name: String, _ heads: [Int], _ classes: Int)
        throws
    {
        let head = try Self.reloaded(name) { $0.headActivation = .sigmoid }
        #expect(head.summary.classCount == classes)
        try Self.check(head, try Truth("mhe/" + name), "joint_sigmoid")
    }

    @Test(arguments: ["mhc-2heads", "mhc-2heads-module", "mhc-3heads"])
    func `cascades with all groups match the joint softmax`(_ name: String) throws {
        let model = try Model.load(path: Fixtures.folder("mhe/" + name))
        try Self.check(model.head, try Truth("mhe/" + name), "joint_softmax")
    }

    @Test(arguments: ["mhs", "mhs-bfloat16", "arcface-mhs"])
    func `sampling heads match their probabilities`(_ name: String) throws {
        let model = try Model.load(path: Fixtures.folder("mhe/" + name))
        try Self.check(model.head, try Truth("mhe/" + name), "probabilities")
    }

    @Test func `ArcFace scores are the cosines`() throws {
        let truth = try Truth("mhe/arcface-mhs")
        let model = try Model.load(path: Fixtures.folder("mhe/arcface-mhs"))
        let answers = try predictions(
            model.head, try truth.floats("features"), everything(topK: 48))
        for (answer, cosines) in zip(answers, try truth.rows("cosine")) {
            for label in answer.top {
                // Two unit vectors of 32 float32 values: 32 products and sums, 34·2^-24.
                let score = Double(try #require(label.score))
                #expect(abs(score - cosines[label.index]) <= 34 * 0x1p-24)
            }
        }
    }

    @Test(arguments: ["digits-mhp", "digits-mhc"])
    func `demo products and cascades match`(_ name: String) throws {
        let model = try Model.load(path: Fixtures.demoModel(name))
        try Self.check(
            model.head, try Truth("models/" + name), "joint_softmax")
    }

    @Test func `demo sampling head matches`() throws {
        let model = try Model.load(path: Fixtures.demoModel("digits-mhs"))
        try Self.check(model.head, try Truth("models/digits-mhs"), "probabilities")
    }

    // MARK: Ranking

    @Test(arguments: ["mhc-xmc", "mhc-xmc-padded"])
    func `text heads give the scores without pads or duplicates`(_ name: String) throws {
        let truth = try Truth("mhe/" + name)
        let model = try Model.load(path: Fixtures.folder("mhe/" + name))
        let classes = model.head.summary.classCount
        let answers = try predictions(
            model.head, try truth.floats("features"),
            RowOptions(topK: .max, sampleCount: 1, seed: 0, wantsProbabilities: false))
        let candidates = try truth.integers("candidates")
        let scores = try truth.doubles("candidate_scores")
        let width = try truth.shape("candidates")[1]
        for (row, answer) in answers.enumerated() {
            var expected: [Int: Double] = [:]
            for index in row * width..<(row + 1) * width where candidates[index] < classes {
                expected[candidates[index]] = scores[index]
            }
            #expect(answer.top.count == expected.count)
            #expect(Set(answer.top.map(\.index)) == Set(expected.keys))
            for label in answer.top {
                let score = Double(try #require(label.score))
                // Two sigmoids of float32 logits: as the contracted tolerance.
                #expect(abs(score - (expected[label.index] ?? -1)) <= Self.tolerance)
                #expect(label.probability == nil)
            }
            let found = answer.top.compactMap(\.score)
            #expect(found == found.sorted(by: >))
        }
    }

    @Test(arguments: ["mhc-2heads", "mhc-3heads"])
    func `a beam of one finds the reference's greedy label`(_ name: String) throws {
        let truth = try Truth("mhe/" + name)
        let head = try Self.reloaded(name) { $0.beam = 1 }
        let answers = try predictions(
            head, try truth.floats("features"),
            RowOptions(topK: 1, sampleCount: 1, seed: 0, wantsProbabilities: false))
        #expect(answers.map { $0.top[0].index } == (try truth.integers("argmax")))
        #expect(answers.allSatisfy { $0.uncertainty == nil })
    }

    @Test func `a sigmoid beam gives the reference's scores`() throws {
        let truth = try Truth("mhe/mhc-2heads")
        let head = try Self.reloaded("mhc-2heads") {
            $0.beam = 1
            $0.headActivation = .sigmoid
        }
        let answers = try predictions(
            head, try truth.floats("features"),
            RowOptions(topK: .max, sampleCount: 1, seed: 0, wantsProbabilities: false))
        let candidates = try truth.integers("candidates")
        let scores = try truth.doubles("candidate_scores")
        for (row, answer) in answers.enumerated() {
            let expected = Dictionary(
                uniqueKeysWithValues: (row * 9..<row * 9 + 9).map { (candidates[$0], scores[$0]) })
            #expect(Set(answer.top.map(\.index)) == Set(expected.keys))
            for label in answer.top {
                let score = Double(try #require(label.score))
                #expect(abs(score - (expected[label.index] ?? -1)) <= Self.tolerance)
            }
        }
    }

    /// A fixture's head with a changed manifest.
    static func reloaded(_ name: String, _ change: (inout ModelManifest) -> Void) throws -> any Head
    {
        let folder = Fixtures.folder("mhe/" + name)
        let text = try #require(FileManager.default.contents(atPath: folder + "/model.json"))
        var manifest = try ModelManifest.parse([UInt8](text), path: folder)
        change(&manifest)
        let file = try #require(manifest.checkpoint)
        let checkpoint = try Checkpoint.open(folder + "/" + file)
        return try HeadRecognition(manifest: manifest, checkpoint: checkpoint).head()
    }
}
