import Checkpoints
import Fixtures
import Foundation
import Testing

/// Files with bits turned over: always an error or a checkpoint, never a crash.
@Suite struct DamagedFileTests {
    static let small = [
        "het/hetxl-pytorch-url/checkpoint.pth", "mhe/arcface-mhs/checkpoint.pth",
        "mhe/mhc-xmc-padded/model.bin", "mhe/mhp-legacy/checkpoint.pth",
        "mhe/mhp-legacy-module/ckpt.t7",
        "mhe/mhp-2heads-module/ckpt.t7", "mhe/mhp-dataparallel/checkpoint.pth.tar",
        "het/hetxl-softmax-bfloat16/checkpoint.npz", "het/hetxl-softmax-independent/checkpoint.npz",
        "mhe/mhs-bfloat16/expected.npz", "het/hetxl-softmax-diagonal/expected.npz",
    ]

    private func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: Fixtures.folder(path))))
    }

    /// Reads everything that there is to read.
    private func readAll(_ bytes: [UInt8]) throws {
        let checkpoint = try Checkpoint.read(bytes, name: "d")
        for tensor in checkpoint.tensors { _ = try tensor.floats() }
    }

    /// No checksum stands in the way.
    @Test(arguments: [LegacyFile.state, LegacyFile.module, LegacyFile.moduleProtocol5])
    func `turned bits of legacy files never crash`(file: LegacyFile) throws {
        let whole = try file.bytes
        var refused = 0
        for place in whole.indices {
            var damaged = whole
            damaged[place] ^= 1 << UInt8(place & 7)
            do { try readAll(damaged) } catch { refused += 1 }
        }
        #expect(refused > 0)
    }

    /// Bits of the archive's structure and of the pickle; CRC-32 notices any in the elements.
    @Test(arguments: small)
    func `turned bits never crash`(path: String) throws {
        let whole = try bytes(path)
        var generator = SeededRandom(seed: UInt64(whole.count))
        var refused = 0
        for _ in 0..<150 {
            var damaged = whole
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0..<whole.count, using: &generator)
                damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            }
            do { try readAll(damaged) } catch { refused += 1 }
        }
        #expect(refused > 0)
    }

    /// A pickle without its checksum in the way, byte by byte.
    @Test func `turned bits in the pickle never crash`() throws {
        typealias P = PickleWriter
        let body = P.dictionary([
            ("model", P.orderedDictionary([("w", P.vector()), ("b", P.vector())])),
            ("epoch", P.int(3)), ("heads", P.list([P.int(3), P.int(4)])),
            ("args", P.object(P.global("argparse", "Namespace"), state: P.dictionary([]))),
        ])
        var outcomes = Set<Bool>()
        for place in body.indices {
            for bit in 0..<8 {
                var damaged = body
                damaged[place] ^= 1 << UInt8(bit)
                do {
                    try readAll(TorchWriter(damaged).bytes)
                    outcomes.insert(true)
                } catch let error as CheckpointError {
                    #expect(!error.description.isEmpty)
                    outcomes.insert(false)
                }
            }
        }
        #expect(outcomes == [true, false])
    }

    /// Random bytes behind each of the signatures that are known.
    @Test func `random bytes never crash`() throws {
        var generator = SeededRandom(seed: 7)
        let starts: [[UInt8]] = [
            [], Array("PK\u{3}\u{4}".utf8), [0x93] + Array("NUMPY\u{1}\u{0}".utf8), [0x80, 2],
        ]
        for start in starts {
            for _ in 0..<200 {
                let count = Int.random(in: 0..<300, using: &generator)
                let rest = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
                #expect(throws: CheckpointError.self) { try readAll(start + rest) }
                #expect(throws: (any Error).self) {
                    try readAll(TorchWriter(rest + [0xff]).bytes)
                }
            }
        }
    }
}
