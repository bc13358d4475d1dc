import Checkpoints
import Testing

/// Every opcode that Python's `pickletools` (3.13) lists is either read or refused by its number.
@Suite struct PickleOpcodeTests {
    typealias P = PickleWriter

    private static let known: Set<UInt8> = [
        0x28, 0x29, 0x2e, 0x30, 0x31, 0x32, 0x42, 0x43, 0x46, 0x47, 0x49, 0x4a, 0x4b, 0x4c,
        0x4d, 0x4e, 0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x58, 0x5d, 0x61, 0x62, 0x63,
        0x64, 0x65, 0x67, 0x68, 0x69, 0x6a, 0x6c, 0x6f, 0x70, 0x71, 0x72, 0x73, 0x74, 0x75,
        0x7d, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8b, 0x8c,
        0x8d, 0x8e, 0x8f, 0x90, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98,
    ]
    /// PERSID, STRING, UNICODE, LONG, FLOAT, GET, PUT, EXT1, EXT2, EXT4, NEXT_BUFFER and
    /// READONLY_BUFFER.
    private static let refused: Set<UInt8> = [
        0x50, 0x53, 0x56, 0x4c, 0x46, 0x67, 0x70, 0x82, 0x83, 0x84, 0x97, 0x98,
    ]

    private func defect(_ body: [UInt8]) -> PickleDefect? {
        do throws(CheckpointError) {
            _ = try Checkpoint.read(TorchWriter(body).bytes, name: "t")
        } catch {
            if case .pickle(_, _, let defect) = error { return defect }
        }
        return nil
    }

    @Test(arguments: UInt8.min...UInt8.max)
    func `every byte is read or refused`(code: UInt8) {
        let found = defect(P.none + P.none + [code])
        switch code {
        case _ where Self.refused.contains(code): #expect(found == .unsupportedOpcode(code))
        case _ where Self.known.contains(code):
            #expect(found != .unsupportedOpcode(code))
            #expect(found != .unknownOpcode(code))
        default: #expect(found == .unknownOpcode(code))
        }
    }

    /// INT is text; 00 and 01 are truth values.
    @Test func `integers of Python 2 are read`() throws {
        let texts = ["00", "01", "0", "-7", "1099511627776"]
        let entries = texts.map { ($0, Array("I\($0)\n".utf8)) }
        let checkpoint = try Checkpoint.read(
            TorchWriter(P.dictionary(entries)).bytes, name: "t")
        #expect(
            checkpoint.attributes == [
                "00": .bool(false), "01": .bool(true), "0": .int(0), "-7": .int(-7),
                "1099511627776": .int(1 << 40),
            ])
    }

    /// The `str` of Python 2 may be bytes.
    @Test func `byte strings that are no text are opaque`() throws {
        let body = P.dictionary([("a", [0x55, 1, 0xff]), ("b", [0x54, 1, 0, 0, 0, 0x62])])
        let checkpoint = try Checkpoint.read(TorchWriter(body).bytes, name: "t")
        #expect(checkpoint.attributes == ["b": .string("b")])
    }
}
