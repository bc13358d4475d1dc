import Checkpoints
import Testing

/// Tensors of types that nobody reads in safetensors files.
@Suite struct UnreadSafetensorsTests {
    private func read(
        _ type: String, _ shape: String, byteCount: Int
    ) throws(CheckpointError) -> Checkpoint {
        let odd = safetensorsEntry("odd", type, shape, "[0,\(byteCount)]")
        let plain = safetensorsEntry("w", "U8", "[1]", "[\(byteCount),\(byteCount + 1)]")
        let data = [UInt8](repeating: 0x38, count: byteCount) + [9]
        return try Checkpoint.read(safetensorsBytes("{\(odd),\(plain)}", data: data), name: "s")
    }

    /// Types of the format's reference reader, version 0.7, with the bits of an element.
    @Test(arguments: [
        ("F4", 4), ("F6_E2M3", 6), ("F6_E3M2", 6), ("F8_E5M2", 8), ("F8_E4M3", 8), ("F8_E8M0", 8),
        ("F8_E4M3FNUZ", 8), ("F8_E5M2FNUZ", 8), ("C64", 64),
    ])
    func `tensors of the format's other types are listed`(type: String, bitCount: Int) throws {
        let checkpoint = try read(type, "[2,4]", byteCount: bitCount)
        #expect(checkpoint.tensors.map(\.name) == ["w"])
        #expect(try checkpoint["w"]?.integers() == [9])
        let found = try #require(checkpoint.unreadTensor(named: "odd"))
        #expect(checkpoint.unread == [found])
        #expect(found.type == type)
        #expect(found.shape == [2, 4])
        let refusal = checkpoint.refusal(of: found).description
        #expect(refusal.hasPrefix("s: tensor \"odd\": is \(type), which cannot be read: "))
        for wrong in [bitCount - 1, bitCount + 1] {
            let error = CheckpointError.safetensors(
                path: "s", tensor: "odd",
                defect: .lengthMismatch(declared: bitCount, found: wrong))
            #expect(throws: error) { try read(type, "[2,4]", byteCount: wrong) }
        }
        #expect(try read(type, "[0,4]", byteCount: 0).unread.map(\.shape) == [[0, 4]])
    }

    @Test(arguments: [("F4", "[3]", 12), ("F6_E2M3", "[2,3]", 36), ("F6_E3M2", "[]", 6)])
    func `elements fill their last byte`(type: String, shape: String, bitCount: Int) {
        let error = CheckpointError.safetensors(
            path: "s", tensor: "odd", defect: .partialByte(bitCount: bitCount))
        for byteCount in [bitCount / 8, bitCount / 8 + 1] {
            #expect(throws: error) { try read(type, shape, byteCount: byteCount) }
        }
    }

    @Test(arguments: ["[9223372036854775807,2]", "[1152921504606846976]"])
    func `overflowing sizes are refused`(shape: String) {
        let error = CheckpointError.tensor(path: "s", name: "odd", defect: .sizeOverflow)
        for type in ["F8_E4M3", "C64"] where type == "C64" || shape.contains(",") {
            #expect(throws: error) { try read(type, shape, byteCount: 0) }
        }
    }

    /// Nothing tells how large an element is; the bytes must still be there, and be covered once.
    @Test(arguments: ["f32", "F32 ", "float32", "F3", "", "I4"])
    func `types that nobody knows are listed without a check`(type: String) throws {
        for byteCount in [0, 3] {
            let found = try #require(try read(type, "[7]", byteCount: byteCount).unread.first)
            #expect(found.type == type)
            #expect(found.shape == [7])
            #expect(found.reason.contains("not checked"))
        }
        let beyond = "{\(safetensorsEntry("a", type, "[2]", "[0,2]"))}"
        #expect(
            throws: CheckpointError.truncated(
                path: "s", part: "tensor \"a\"", offset: 0, needed: 2, available: 1)
        ) { try Checkpoint.read(safetensorsBytes(beyond, data: [1]), name: "s") }
        let gap = "{\(safetensorsEntry("a", type, "[2]", "[1,2]"))}"
        let error = CheckpointError.safetensors(
            path: "s", tensor: "a", defect: .gap(begin: 1, expected: 0))
        #expect(throws: error) {
            try Checkpoint.read(safetensorsBytes(gap, data: [1, 2]), name: "s")
        }
    }
}
