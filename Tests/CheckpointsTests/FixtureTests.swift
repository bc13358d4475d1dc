import Checkpoints
import Fixtures
import Testing

/// The fixtures, held against what NumPy and PyTorch read from them.
@Suite struct FixtureTests {
    @Test(arguments: NumPyGolden.files.map(\.path))
    func `arrays are what NumPy reads`(path: String) throws {
        let golden = try #require(NumPyGolden.files.first { $0.path == path })
        let checkpoint = try Checkpoint.open(Fixtures.folder(path))
        #expect(checkpoint.format == .npz)
        #expect(checkpoint.tensors.count == golden.tensorCount)
        #expect(checkpoint.attributes.isEmpty)
        var hash = GoldenHash()
        for tensor in checkpoint.tensors {
            for byte in "\(tensor.name):\(tensor.elementType.rawValue)".utf8 {
                hash.add(UInt64(byte))
            }
            for size in tensor.shape { hash.add(UInt64(size)) }
            hash.add(try tensor.floats())
        }
        #expect(hash.value == golden.hash)
    }

    @Test(arguments: TorchGolden.files.keys.sorted())
    func `state dicts are what PyTorch reads`(path: String) throws {
        let golden = try #require(TorchGolden.files[path])
        let checkpoint = try Checkpoint.open(Fixtures.folder(path))
        #expect(checkpoint.format == (path.contains("legacy") ? .pytorchLegacy : .pytorchZip))
        #expect(checkpoint.tensors.map(\.name) == golden.map(\.name))
        for expected in golden {
            let tensor = try #require(checkpoint[expected.name])
            #expect(tensor.elementType.rawValue == expected.elementType)
            #expect(tensor.shape == expected.shape)
            var hash = GoldenHash()
            hash.add(try tensor.floats())
            #expect(hash.value == expected.hash, "\(expected.name)")
        }
    }

    @Test func `attributes beside the state dict are kept`() throws {
        let parallel = try Checkpoint.open(
            Fixtures.folder("mhe/mhp-dataparallel/checkpoint.pth.tar"))
        #expect(parallel.attributes == ["epoch": .int(5), "arch": .string("resnet50")])
        let padded = try Checkpoint.open(Fixtures.folder("mhe/mhc-xmc-padded/model.bin"))
        #expect(
            padded.attributes == [
                "epoch": .int(4), "max_accuracy": .double(60.1),
                "args.dataset": .string("eurlex4k"), "args.lr": .double(1e-4),
                "args.num_group": .int(15),
            ])
    }

    @Test(arguments: [
        ("mhe/mhc-2heads-module/ckpt.t7", [10, 10], 1),
        ("mhe/mhp-2heads-module/ckpt.t7", [10, 10], 3),
        ("mhe/mhp-legacy-module/ckpt.t7", [2, 5], 3),
    ])
    func `pickled modules tell their heads`(path: String, heads: [Int], epoch: Int) throws {
        let attributes = try Checkpoint.open(Fixtures.folder(path)).attributes
        #expect(attributes["num_classes"] == .ints(heads))
        #expect(attributes["epoch"] == .int(epoch))
        #expect(attributes["conv1.kernel_size"] == .ints([3, 3]))
        #expect(attributes["layer1.training"] == .bool(false))
        #expect(attributes.keys.allSatisfy { !$0.contains("_hooks") })
    }

    @Test(arguments: ["digits-mhc", "digits-mhs", "digits-mhp"])
    func `demo models open`(name: String) throws {
        let checkpoint = try Checkpoint.open(Fixtures.demoModel(name) + "/checkpoint.pth")
        #expect(!checkpoint.tensors.isEmpty)
        for tensor in checkpoint.tensors {
            #expect(try tensor.floats().allSatisfy(\.isFinite))
        }
    }

    /// `sha256sum` of the file.
    @Test func `digest is that of the whole file`() throws {
        let path = Fixtures.folder("mhe/arcface-mhs/checkpoint.pth")
        let checkpoint = try Checkpoint.open(path)
        #expect(checkpoint.path == path)
        #expect(checkpoint.byteCount == 7742)
        #expect(
            try checkpoint.digest()
                == "2fa84e8b7781206a265c500b486bd9de6b96ad37629f018c386b792f68e04bd6")
    }
}
