import Checkpoints
import Fixtures
import FoundationEssentials
import Predictions
import Testing

@testable import Heads

/// Inspection of a model.
@Suite struct HeadReportTests {
    /// Four lines: what it is; why; the sizes; the settings.
    static func text(_ report: HeadReport) -> String {
        let sizes = report.sizes
        let parts: [(String, Any?)] = [
            ("inputs", sizes.inputCount), ("D", sizes.featureCount), ("K", sizes.classCount),
            ("R", sizes.factorCount), ("heads", sizes.heads), ("E", sizes.memberCount),
            ("parameters", report.parameterCount),
            ("a \(report.comparison?.head.rawValue ?? "")", report.comparison?.parameterCount),
        ]
        let choices = report.choices.map { "\($0.head.rawValue) \($0.missingKeys)" }
        return """
            \(report.head?.rawValue ?? "\(choices)") of \(report.origin)
            \(report.rule)
            \(parts.compactMap { part in part.1.map { "\(part.0) \($0)" } }.joined(separator: ", "))
            \(report.settings.map(text).joined(separator: ", "))
            """
    }

    static func text(_ setting: ManifestSetting) -> String {
        "\(setting.key) \(setting.value ?? "-") (\(setting.source.rawValue))"
    }

    @Test(arguments: ReportGolden.all)
    func `every fixture is described`(_ golden: ReportGolden) throws {
        let report = try ModelInspection(path: Fixtures.folder(golden.fixture)).head.get()
        #expect(Self.text(report) == golden.text)
        #expect(report.checkpoint.hasPrefix(Fixtures.folder(golden.fixture)))
        #expect(report.missingKeys.isEmpty)
        let model = try Model.load(path: Fixtures.folder(golden.fixture))
        #expect(report.head == model.head.summary.kind)
        #expect(report.sizes.inputCount == model.head.summary.inputCount)
        #expect(report.sizes.classCount == model.head.summary.classCount)
        #expect(report.sizes.factorCount == model.head.summary.factorCount)
    }

    // MARK: What is missing

    static func report(_ file: String) throws -> HeadReport {
        try ModelInspection(path: Fixtures.folder(file)).head.get()
    }

    @Test func `labels are counted too`() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/labels-of-a-report"
        try? FileManager.default.removeItem(atPath: folder)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.copyItem(
            atPath: Fixtures.demoModel("digits-mhs"), toPath: folder)
        for (count, isRight) in [(9, false), (10, true), (11, false)] {
            let text = String(repeating: "a\n", count: count)
            try text.write(toFile: folder + "/labels.txt", atomically: true, encoding: .utf8)
            do throws(ModelError) {
                _ = try ModelInspection(path: folder).head.get()
                #expect(isRight)
            } catch {
                let expected = "\(folder)/labels.txt has \(count) labels, the head has 10 classes"
                #expect(!isRight && "\(error)" == expected)
            }
        }
    }

    @Test func `an undecided head has choices`() throws {
        let report = try Self.report("mhe/mhp-3heads/checkpoint.pth")
        #expect(report.head == nil && report.missingKeys == ["head"])
        #expect(
            report.choices == [
                HeadChoice(head: .dense, missingKeys: ["link"]),
                HeadChoice(head: .mhp, missingKeys: ["heads", "classes", "head_activation"]),
            ])
        #expect(report.sizes.featureCount == 512 && report.sizes.classCount == nil)
        #expect(report.parameterCount == 15 * 513)
    }

    @Test func `a choice that contradicts the manifest is none`() throws {
        let file = try Checkpoint.open(Fixtures.folder("mhe/mhp-3heads/checkpoint.pth"))
        var manifest = ModelManifest()
        manifest.classes = 113
        let report = try HeadRecognition(manifest: manifest, checkpoint: file).report()
        #expect(
            report.choices == [HeadChoice(head: .mhp, missingKeys: ["heads", "head_activation"])])
        #expect(report.settings.map(Self.text).contains("classes 113 (told)"))
        manifest.heads = [4, 5, 7]
        #expect(throws: ModelError.self) {
            try HeadRecognition(manifest: manifest, checkpoint: file).report()
        }
    }

    @Test func `the missing keys are those still missing`() throws {
        let file = Fixtures.folder("mhe/mhp-3heads/checkpoint.pth")
        var manifest = ModelManifest()
        (manifest.head, manifest.heads) = (.mhp, [4, 5, 6])
        let report = try HeadRecognition(
            manifest: manifest, checkpoint: try Checkpoint.open(file)
        ).report()
        #expect(report.missingKeys == ["classes", "head_activation"])
    }

    @Test func `a pickled module tells its heads`() throws {
        let file = try Checkpoint.open(Fixtures.folder("mhe/mhp-2heads-module/ckpt.t7"))
        var manifest = ModelManifest()
        manifest.head = .mhp
        let report = try HeadRecognition(manifest: manifest, checkpoint: file).report()
        #expect(report.settings.map(Self.text).contains("heads [10, 10] (file)"))
        #expect(report.missingKeys == ["classes", "head_activation"])
        #expect(report.sizes.heads == [10, 10] && report.sizes.classCount == nil)
    }

    @Test func `a learned temperature is unknown without its bounds`() throws {
        let report = try Self.report("het/hetxl-softmax-full/checkpoint.npz")
        #expect(report.missingKeys == ["temperature_bounds"])
        #expect(!report.settings.contains { $0.key == "temperature" })
    }

    // MARK: Parameters

    /// By the shapes of the layers: D = 1024, K = 21843, R = 50 is 98 MB parameter-efficient and
    /// 304 MB full.
    @Test(arguments: [(true, 98), (false, 304)])
    func `parameters are counted by the formula`(_ isEfficient: Bool, _ megabytes: Int) throws {
        let (d, k, r) = (1024, 21_843, 50)
        func layer(_ inputs: Int, _ outputs: Int) -> LayerShape {
            LayerShape(name: "", kernel: "", inputCount: inputs, outputCount: outputs)
        }
        let shape = HeteroscedasticShape(
            location: layer(d, k), diagonal: layer(d, d),
            loadings: isEfficient
                ? .efficient(scale: layer(d, d), homoscedastic: layer(r, d))
                : .full(layer(d, d * r)),
            factorCount: r, temperatureCount: 1)
        let own = shape.parameterCount
        let efficient = d * d + d + r * d + d
        let full = r * d * d + r * d
        #expect(own == d * k + k + d * d + d + (isEfficient ? efficient : full) + 1)
        #expect((own * 4 + 500_000) / 1_000_000 == megabytes)
        // The parameters of the noise grow with its width alone: the ratio is exactly K/D.
        let het = try #require(shape.parameterCount(latentCount: k))
        #expect(shape.parameterCount(latentCount: d) == own)
        let base = d * k + k + 1
        #expect((het - base) * d == (own - base) * k)
    }

    @Test func `heads nobody could store are not compared`() throws {
        var random = SeededRandom(seed: 1)
        var file = ArrayFile()
        file.add("classifier.weight", [3200, 3], &random)
        file.add("classifier.bias", [3200], &random)
        var manifest = ModelManifest()
        (manifest.head, manifest.headActivation) = (.mhp, .softmax)
        manifest.heads = [Int](repeating: 1 << 9, count: 6) + [1 << 7]
        manifest.classes = 1 << 61
        #expect(ParameterComparison.dense(featureCount: 3, classCount: 1 << 60) != nil)
        #expect(ParameterComparison.dense(featureCount: 3, classCount: 1 << 61) == nil)
        #expect(try file.report(manifest).comparison == nil)
        manifest.heads = [.max, 1]
        #expect(try file.refusal(manifest)?.contains("[3200, 3], expected") == true)
        let layer = LayerShape(name: "", kernel: "", inputCount: 1, outputCount: 1 << 30)
        let shape = HeteroscedasticShape(
            location: layer,
            diagonal: LayerShape(
                name: "", kernel: "", inputCount: 1, outputCount: 1),
            loadings: .full(layer), factorCount: 1 << 30, temperatureCount: 0)
        #expect(shape.parameterCount(latentCount: 1) != nil)
        #expect(shape.parameterCount(latentCount: 1 << 30) == nil)
    }

    @Test func `members are counted`() throws {
        let file = BatchEnsembleTests.file(.absent, isXL: true, memberCount: 3)
        let report = try file.report(BatchEnsembleTests.manifest)
        #expect(report.sizes.memberCount == 3)
        // D = 5, K = 4: kernels 5·4 and 5·5, biases and fast weights 3·(4 + 5 + 4) and 3·15.
        #expect(report.parameterCount == 20 + 25 + 3 * 13 + 3 * 15)
    }

    // MARK: JSON

    @Test func `a report is plain data`() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var report = try Self.report("mhe/mhs/checkpoint.pth")
        report.checkpoint = "c.pth"
        let text = String(decoding: try encoder.encode(report), as: UTF8.self)
        #expect(
            text == #"{"checkpoint":"c.pth","choices":[{"head":"mhs","missingKeys":[]},"#
                + #"{"head":"arcface-mhs","missingKeys":[]}],"#
                + #""comparison":{"head":"dense","parameterCount":17955},"#
                + #""missingKeys":["head"],"origin":"Anoise/MHE","#
                + #""parameterCount":17920,"passedThrough":[],"prefix":"","#
                + #""rule":"`weight` [5, 7, 512], alone and of three dimensions: one row a label","#
                + #""settings":[{"key":"head","source":"missing"},"#
                + #"{"key":"pre_logits","source":"default","value":"none"},"#
                + #"{"key":"labels","source":"default"},"#
                + #"{"key":"version","source":"default","value":"1"}],"#
                + #""sizes":{"classCount":35,"featureCount":512,"heads":[5,7],"inputCount":512},"#
                + #""unused":[]}"#)
    }
}
