import Testing

@testable import Checkpoints

extension LimitTests {
    @Test func `safetensors headers`() throws {
        try expect(
            .safetensorsHeaderByteCount, \.safetensorsHeaderByteCount, needs: 50,
            safetensorsBytes("{}" + String(repeating: " ", count: 48)))
    }

    @Test func `safetensors tensors`() throws {
        let entries = ["a", "b", "c"].map { safetensorsEntry($0, "F32", "[0,1,1,1]", "[0,0]") }
        let file = safetensorsBytes("{\(entries.joined(separator: ","))}")
        try expect(.tensorCount, \.tensorCount, needs: 3, file)
        try expect(.dimensionCount, \.dimensionCount, needs: 4, file)
    }

    /// Names count in UTF-8 bytes, escapes undone: here 20 times two.
    @Test func `safetensors names`() throws {
        let name = String(repeating: "é", count: 10) + String(repeating: "\\u00e9", count: 10)
        let entry = safetensorsEntry(name, "U8", "[0]", "[0,0]")
        try expect(.nameByteCount, \.nameByteCount, needs: 40, safetensorsBytes("{\(entry)}"))
        let metadata = #"{"__metadata__":{"\#(name)":""}}"#
        try expect(.nameByteCount, \.nameByteCount, needs: 40, safetensorsBytes(metadata))
    }

    /// Texts that an error would repeat.
    @Test func `safetensors keys and types`() throws {
        let long = String(repeating: "k", count: 40)
        for entry in [#""\#(long)":1"#, #""dtype":"\#(long)""#] {
            let file = safetensorsBytes(#"{"a":{\#(entry)}}"#)
            var limits = ReadLimits.standard
            limits.nameByteCount = 39
            let error = CheckpointError.limitExceeded(
                path: "l", part: "tensor \"a\"", limit: .nameByteCount, value: 40, maximum: 39)
            #expect(throws: error) { try Checkpoint.read(file, name: "l", limits: limits) }
        }
    }

    @Test func `safetensors metadata`() throws {
        let file = safetensorsBytes(#"{"__metadata__":{"a":"12345","b":"é\n","c":""}}"#)
        try expect(.metadataEntryCount, \.metadataEntryCount, needs: 3, file)
        try expect(.metadataByteCount, \.metadataByteCount, needs: 11, file)
    }

    /// Without tensors, braces and spaces fill 64 bytes with the eight of the length.
    @Test func `safetensors headers to be written`() throws {
        func plan(maximum: Int) throws {
            var limits = ReadLimits.standard
            limits.safetensorsHeaderByteCount = maximum
            _ = try SafetensorsPlan([], metadata: [:], path: "l", limits: limits)
        }
        for maximum in [56, 57] { try plan(maximum: maximum) }
        let error = CheckpointError.limitExceeded(
            path: "l", part: "safetensors header", limit: .safetensorsHeaderByteCount, value: 56,
            maximum: 55)
        #expect(throws: SafetensorsWriteError.refused(error)) { try plan(maximum: 55) }
    }

    @Test func `standard limits of safetensors`() {
        #expect(ReadLimits.standard.safetensorsHeaderByteCount == 100_000_000)
    }
}
