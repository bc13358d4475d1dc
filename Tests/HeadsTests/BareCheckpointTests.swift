import Fixtures
import FoundationEssentials
import Testing

@testable import Heads

/// The errors of bare checkpoint files, without a `model.json`.
@Suite struct BareCheckpointTests {
    static let untold = "the checkpoint does not tell"
    static let denseOrProduct =
        "the weights could be 'dense', with 'link' as well, or 'mhp', with 'heads', 'classes', "
        + "'head_activation' as well"
    static let samplingOrFace = "the weights could be 'mhs', or 'arcface-mhs'"

    /// Files below Fixtures, the keys asked for, and why.
    static let refusals: [(file: String, keys: String, reason: String)] = [
        ("het/het-sigmoid-full/checkpoint.npz", "'temperature'", untold),
        ("het/het-softmax-efficient/checkpoint.npz", "'temperature'", untold),
        ("het/hetxl-sigmoid-efficient/checkpoint.npz", "'temperature_bounds'", untold),
        ("het/hetxl-softmax-bfloat16/checkpoint.npz", "'temperature_bounds'", untold),
        ("het/hetxl-softmax-diagonal/checkpoint.npz", "'temperature'", untold),
        ("het/hetxl-softmax-efficient/checkpoint.npz", "'temperature_bounds'", untold),
        ("het/hetxl-softmax-full/checkpoint.npz", "'temperature_bounds'", untold),
        ("het/hetxl-softmax-independent/checkpoint.npz", "'temperature_bounds'", untold),
        ("het/hetxl-softmax-wide/checkpoint.npz", "'temperature_bounds'", untold),
        ("mhe/arcface-mhs/checkpoint.pth", "'head'", samplingOrFace),
        ("mhe/mhc-xmc/model.bin", "'heads', 'classes'", untold),
        ("mhe/mhc-xmc-padded/model.bin", "'classes'", untold),
        ("mhe/mhp-3heads/checkpoint.pth", "'head'", denseOrProduct),
        ("mhe/mhp-dataparallel/checkpoint.pth.tar", "'head'", denseOrProduct),
        ("mhe/mhp-legacy/checkpoint.pth", "'head'", denseOrProduct),
        ("mhe/mhp-2heads-module/ckpt.t7", "'classes', 'head_activation'", untold),
        ("mhe/mhp-legacy-module/ckpt.t7", "'classes', 'head_activation'", untold),
        ("mhe/mhs/checkpoint.pth", "'head'", samplingOrFace),
        ("mhe/mhs-bfloat16/checkpoint.pth", "'head'", samplingOrFace),
        (
            "../../Sources/headserve/Models/digits-hetxl/checkpoint.npz", "'temperature_bounds'",
            untold
        ),
        ("../../Sources/headserve/Models/digits-mhp/checkpoint.pth", "'head'", denseOrProduct),
        ("../../Sources/headserve/Models/digits-mhs/checkpoint.pth", "'head'", samplingOrFace),
    ]

    @Test(arguments: refusals)
    func `it is told exactly what is missing`(_ file: String, _ keys: String, _ reason: String) {
        let path = Fixtures.folder(file)
        #expect {
            _ = try Model.load(path: path)
        } throws: {
            "\($0)" == "\(path): model.json must say \(keys): \(reason)"
        }
    }

    static let complete = [
        "het/hetxl-pytorch-url/checkpoint.pth", "mhe/mhc-2heads/checkpoint.pth",
        "mhe/mhc-3heads/checkpoint.pth", "mhe/mhc-2heads-module/ckpt.t7",
        "../../Sources/headserve/Models/digits-mhc/checkpoint.pth",
    ]

    @Test(arguments: complete)
    func `some need no manifest`(_ file: String) throws {
        let model = try Model.load(path: Fixtures.folder(file))
        #expect(model.name == (file.hasSuffix(".t7") ? "ckpt" : "checkpoint"))
        #expect(model.version == "1")
        #expect(try ModelInspection(path: Fixtures.folder(file)).head.get().missingKeys.isEmpty)
    }

    /// Every folder's own `model.json` says what the bare file was refused for: of the choices
    /// offered, the one it makes.
    @Test(arguments: refusals)
    func `the folder's manifest says what was asked`(
        _ file: String, _ keys: String, _ reason: String
    ) throws {
        let path = Fixtures.folder(file)
        let report = try ModelInspection(path: path).head.get()
        let folder = String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
        let bytes = try #require(FileManager.default.contents(atPath: folder + "/model.json"))
        let manifest = try ModelManifest.parse([UInt8](bytes), path: folder)
        let choice = report.choices.first { $0.head == manifest.head }
        #expect((choice == nil) == report.choices.isEmpty)
        for key in report.missingKeys + (choice?.missingKeys ?? []) {
            let name = try #require(ModelManifest.CodingKeys(rawValue: key))
            #expect(manifest.has(name), "\(key)")
        }
    }
}
