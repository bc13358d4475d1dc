import Checkpoints
import Fixtures
import FoundationEssentials
import Predictions
import Testing

@testable import Heads

/// Folders, manifests and bare files that load, and the errors of those that say too little.
@Suite struct ModelLoadingTests {
    static func parse(_ text: String) throws -> ModelManifest {
        try ModelManifest.parse([UInt8](text.utf8), path: "m/model.json")
    }

    @Test func `an unknown key is named`() {
        #expect {
            _ = try Self.parse(#"{"head": "mhp", "temprature": 1}"#)
        } throws: {
            guard case .unknownManifestKey(_, "temprature", _) = $0 as? ModelError else {
                return false
            }
            return true
        }
    }

    @Test(arguments: [
        (#"{"head": "mph"}"#, "head"), (#"{"head": 3}"#, "head"), (#"{"link": "tanh"}"#, "link"),
        (#"{"temperature": 0}"#, "temperature"), (#"{"temperature": -1}"#, "temperature"),
        (#"{"temperature": "hot"}"#, "temperature"), (#"{"temperature": 1e-39}"#, "temperature"),
        (#"{"temperature": 3.5e38}"#, "temperature"), (#"{"scale": 3.5e38}"#, "scale"),
        (#"{"temperature_bounds": [0, 3.5e38]}"#, "temperature_bounds"),
        (#"{"temperature_bounds": [1]}"#, "temperature_bounds"),
        (#"{"temperature_bounds": [2, 1]}"#, "temperature_bounds"),
        (#"{"temperature_bounds": [-1, 1]}"#, "temperature_bounds"),
        (#"{"samples": 0}"#, "samples"), (#"{"samples": 1.5}"#, "samples"),
        (#"{"samples": 10000001}"#, "samples"), (#"{"version": ""}"#, "version"),
        (#"{"version": "a\u001bb"}"#, "version"), (#"{"heads": []}"#, "heads"),
        (#"{"heads": [3, 0]}"#, "heads"),
        (#"{"classes": 0}"#, "classes"), (#"{"beam": 0}"#, "beam"), (#"{"scale": 0}"#, "scale"),
        (#"{"diagonal_noise": "both"}"#, "diagonal_noise"),
        (#"{"head_activation": "relu"}"#, "head_activation"),
        (#"{"task": "regression"}"#, "task"), (#"{"pre_logits": "silu"}"#, "pre_logits"),
        (#"{"normalize": "l1"}"#, "normalize"), (#"{"normalize": true}"#, "normalize"),
        (#"{"normalize_weights": 1}"#, "normalize_weights"),
        (#"{"normalize_weights": "true"}"#, "normalize_weights"),
        (#"{"bias": "-10"}"#, "bias"), (#"{"bias": 3.5e38}"#, "bias"),
        (#"{"bias": 1e999}"#, "bias"), (#"{"bias": [1]}"#, "bias"),
        (#"{"tensors": "coef_"}"#, "tensors"), (#"{"tensors": {}}"#, "tensors"),
        (#"{"tensors": {"weight": ""}}"#, "tensors.weight"),
        (#"{"tensors": {"bias": ["b"]}}"#, "tensors.bias"),
        (#"{"tensors": {"pre_logits": null}}"#, "tensors.pre_logits"),
        (#"{"tensors": {"heads": "h1"}}"#, "tensors.heads"),
        (#"{"tensors": {"heads": []}}"#, "tensors.heads"),
        (#"{"tensors": {"heads": ["h1", "h1"]}}"#, "tensors.heads"),
        (#"{"tensors": {"heads": ["h1", ""]}}"#, "tensors.heads"),
    ])
    func `a bad value is named`(_ text: String, _ key: String) {
        #expect {
            _ = try Self.parse(text)
        } throws: {
            guard case .manifestValue("m/model.json", key, _) = $0 as? ModelError else {
                return false
            }
            return true
        }
    }

    @Test func `the limits themselves are allowed`() throws {
        for samples in [1, 9_999_999, 10_000_000] {
            #expect(try Self.parse(#"{"samples": \#(samples)}"#).samples == samples)
        }
        for count in [127, 128, 129] {
            let text = String(repeating: "v", count: count)
            let manifest = try? Self.parse(#"{"version": "\#(text)"}"#)
            #expect((manifest?.version == text) == (count <= 128))
        }
    }

    @Test(arguments: ["", "{", "[]", "3", #"{"head": "mhp""#])
    func `what is no JSON object is a syntax error`(_ text: String) {
        #expect {
            _ = try Self.parse(text)
        } throws: {
            guard case .manifestSyntax = $0 as? ModelError else { return false }
            return true
        }
    }

    @Test(arguments: ["1e-39", "1e-37", "3.4e38", "3.5e38"])
    func `a temperature is a normal float`(_ number: String) throws {
        let value = try #require(Float(number))
        let manifest = try? Self.parse(#"{"temperature": \#(number)}"#)
        #expect((manifest != nil) == value.isNormal)
    }

    @Test func `a folder gives its name and labels`() throws {
        let model = try Model.load(path: Fixtures.demoModel("digits-hetxl"))
        #expect(model.name == "digits-hetxl")
        #expect((0..<10).map { model.label($0) } == (0..<10).map { "\($0)" })
        #expect(model.head.summary.inputCount == 64)
        #expect(model.head.summary.factorCount == 6)
        #expect(model.sha256.count == 64)
        #expect(try Model.load(name: "mine", path: Fixtures.demoModel("digits-mhs")).name == "mine")
    }

    static func failure(
        _ change: (inout ModelManifest) -> Void, fixture: String, file: String
    ) throws -> ModelError? {
        let folder = Fixtures.folder(fixture)
        let text = try #require(FileManager.default.contents(atPath: folder + "/model.json"))
        var manifest = try ModelManifest.parse([UInt8](text), path: folder)
        change(&manifest)
        let checkpoint = try Checkpoint.open(folder + "/" + file)
        do throws(ModelError) {
            _ = try HeadRecognition(manifest: manifest, checkpoint: checkpoint).head()
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        ("classes", 48), ("classes", 49), ("classes", 47),
    ])
    func `more classes than rows are refused`(_ key: String, _ classes: Int) throws {
        let error = try Self.failure(
            { $0.classes = classes }, fixture: "mhe/arcface-mhs", file: "checkpoint.pth")
        guard classes > 48 else { return #expect(error == nil) }
        guard case .head(_, .contradiction(key, _)) = error else {
            Issue.record("expected a contradiction, got \(String(describing: error))")
            return
        }
    }

    @Test func `a wrong head size names the tensor`() throws {
        let error = try Self.failure(
            { $0.heads = [4, 5, 7] }, fixture: "mhe/mhp-3heads", file: "checkpoint.pth")
        guard case .head(_, .tensorShape("classifier.weight", [15, 512], _)) = error else {
            Issue.record("got \(String(describing: error))")
            return
        }
    }

    @Test func `a head that is not there is refused`() throws {
        for kind in [HeadKind.mhp, .mhc, .dense, .hetXL] {
            let error = try Self.failure(
                { $0.head = kind }, fixture: "mhe/mhs", file: "checkpoint.pth")
            #expect(error != nil, "\(kind)")
        }
    }

    /// Layers of the authors' modules have biases; without one their answers would be others'.
    @Test func `a head of known modules without its bias is refused`() throws {
        var random = SeededRandom(seed: 2)
        var file = ArrayFile()
        file.add("classifier.weight", [5, 3], &random)
        var manifest = ModelManifest()
        (manifest.head, manifest.heads, manifest.classes) = (.mhp, [2, 3], 6)
        manifest.headActivation = .softmax
        #expect(
            try file.refusal(manifest)
                == "\(ArrayFile.path): tensor 'classifier.bias' is missing; the authors' modules "
                + "have one; for a layer without, say \"tensors\": {\"weight\": \"classifier\"}")
        manifest.tensors = NamedTensorTests.names(weight: "classifier")
        #expect(try file.refusal(manifest) == nil)
        manifest.tensors = nil
        (manifest.head, manifest.heads, manifest.classes) = (.dense, nil, nil)
        (manifest.link, manifest.headActivation) = (.softmax, nil)
        #expect(try file.refusal(manifest) == nil)
    }
}
