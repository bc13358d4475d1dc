import Checkpoints
import Fixtures
import Foundation
import Testing

/// Safetensors files cut short and changed: always a typed error or a sound checkpoint.
@Suite struct SafetensorsDamageTests {
    private static let files = [SafetensorsFiles.names, SafetensorsFiles.allTypes]

    private func bytes(_ golden: String) throws -> [UInt8] {
        [UInt8](try #require(Data(base64Encoded: golden, options: .ignoreUnknownCharacters)))
    }

    /// Whether the file is refused with a text; one that is read must be covered by its tensors,
    /// whose elements must all be there.
    private func isRefused(_ bytes: [UInt8]) throws -> Bool {
        let checkpoint: Checkpoint
        do throws(CheckpointError) {
            checkpoint = try Checkpoint.read(bytes, name: "d")
        } catch {
            #expect(error.description.hasPrefix("d: "))
            return true
        }
        let headerByteCount = (0..<8).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
        var covered = 8 + headerByteCount
        for tensor in checkpoint.tensors {
            #expect(try tensor.floats().count == tensor.elementCount)
            covered += tensor.elementCount * tensor.elementType.byteCount
        }
        // A type that damage has made is that of an unread tensor, which covers the rest.
        #expect(checkpoint.unread.isEmpty ? covered == bytes.count : covered <= bytes.count)
        return false
    }

    @Test(arguments: files)
    func `every truncation is an error`(golden: String) throws {
        let whole = try bytes(golden)
        for cut in 0..<whole.count {
            #expect(throws: CheckpointError.self, "cut at \(cut)") {
                try Checkpoint.read(Array(whole[..<cut]), name: "d")
            }
        }
    }

    @Test(arguments: files)
    func `every turned bit is found or harmless`(golden: String) throws {
        let whole = try bytes(golden)
        var outcomes: [Bool: Int] = [:]
        for place in whole.indices {
            for bit in 0..<8 {
                var damaged = whole
                damaged[place] ^= 1 << UInt8(bit)
                outcomes[try isRefused(damaged), default: 0] += 1
            }
        }
        #expect(outcomes[true, default: 0] > 0)
        #expect(outcomes[false, default: 0] > 0)
    }

    /// Bytes of the header's own alphabet, put in, taken out and written over, so that much of it
    /// stays well-formed.
    @Test(arguments: files)
    func `random edits end in an error or a sound checkpoint`(golden: String) throws {
        let alphabet = Array(#"{}[]":,\u0123456789 -ABFIU"#.utf8)
        let whole = try bytes(golden)
        let headerByteCount = Int(whole[0]) | Int(whole[1]) << 8
        var generator = SeededRandom(seed: UInt64(whole.count))
        var outcomes: [Bool: Int] = [:]
        for _ in 0..<2000 {
            var header = Array(whole[8..<(8 + headerByteCount)])
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let place = Int.random(in: 0..<header.count, using: &generator)
                let byte = alphabet.randomElement(using: &generator) ?? 0
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: header[place] = byte
                case 1: header.insert(byte, at: place)
                default: header.remove(at: place)
                }
            }
            let data = Array(whole[(8 + headerByteCount)...])
            outcomes[try isRefused(safetensorsBytes(header, data: data)), default: 0] += 1
        }
        #expect(outcomes[true, default: 0] > 0)
        #expect(outcomes[false, default: 0] > 0)
    }
}
