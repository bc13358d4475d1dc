import Checkpoints
import Fixtures
import Predictions
import Testing

@testable import Heads

/// A pickled module tells the sizes of its heads.
@Suite struct PickledHeadSizeTests {
    static let modules = [("mhp-2heads-module", [10, 10]), ("mhp-legacy-module", [2, 5])]

    @Test(arguments: ["mhp-2heads-module", "mhp-legacy-module", "mhp-legacy", "mhc-2heads-module"])
    func `fixtures match the joint softmax`(_ name: String) throws {
        let model = try Model.load(path: Fixtures.folder("mhe/" + name))
        try MultiHeadFixtureTests.check(model.head, try Truth("mhe/" + name), "joint_softmax")
    }

    @Test(arguments: modules)
    func `heads need not be stated`(_ name: String, _ heads: [Int]) throws {
        let head = try MultiHeadFixtureTests.reloaded(name) { $0.heads = nil }
        #expect(head.summary.classCount == heads.reduce(1, *))
        try MultiHeadFixtureTests.check(head, try Truth("mhe/" + name), "joint_softmax")
    }

    @Test func `what else is missing is named`() throws {
        let error = try ModelLoadingTests.failure(
            {
                $0.heads = nil
                $0.classes = nil
            }, fixture: "mhe/mhp-2heads-module", file: "ckpt.t7")
        guard case .head(_, .missingManifestKeys(["classes"], _)) = error else {
            Issue.record("got \(String(describing: error))")
            return
        }
    }

    /// The report of a file without `model.json` has them as the file's.
    @Test(arguments: modules)
    func `inspection tells where heads are from`(_ name: String, _ heads: [Int]) throws {
        var manifest = ModelManifest()
        manifest.head = .mhp
        let path = Fixtures.folder("mhe/\(name)/ckpt.t7")
        let report = try HeadRecognition(
            manifest: manifest, checkpoint: try Checkpoint.open(path)
        ).report()
        #expect(report.sizes.heads == heads)
        #expect(report.missingKeys == ["classes", "head_activation"])
        let setting = report.settings.first { $0.key == "heads" }
        #expect(setting?.source == .checkpoint && setting?.value == "\(heads)")
    }

    @Test func `sizes whose sum overflows are refused`() throws {
        let error = try ModelLoadingTests.failure(
            {
                $0.heads = [.max, 1]
                $0.classes = 1
            }, fixture: "mhe/mhp-3heads", file: "checkpoint.pth")
        guard case .head(_, .tensorShape("classifier.weight", _, _)) = error else {
            Issue.record("got \(String(describing: error))")
            return
        }
    }

    @Test(arguments: modules)
    func `heads that are stated must agree`(_ name: String, _ heads: [Int]) throws {
        let error = try ModelLoadingTests.failure(
            { $0.heads = heads.reversed() + [1] }, fixture: "mhe/" + name, file: "ckpt.t7")
        guard case .head(_, .contradiction("heads", let reason)) = error else {
            Issue.record("got \(String(describing: error))")
            return
        }
        #expect(reason.contains("\(heads)"))
    }
}
