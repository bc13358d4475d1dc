import Checkpoints
import Testing

/// Each rule of the safetensors format, broken once.
@Suite struct SafetensorsDefectTests {
    private func expect(
        _ error: CheckpointError, _ bytes: [UInt8],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(throws: error, sourceLocation: sourceLocation) {
            try Checkpoint.read(bytes, name: "s")
        }
    }

    private func expect(
        _ defect: SafetensorsDefect, in tensor: String? = nil, _ header: String,
        data: [UInt8] = [0], sourceLocation: SourceLocation = #_sourceLocation
    ) {
        expect(
            .safetensors(path: "s", tensor: tensor, defect: defect),
            safetensorsBytes(header, data: data), sourceLocation: sourceLocation)
    }

    private func expect(
        _ defect: JSONDefect, part: String = "safetensors header", _ header: String,
        data: [UInt8] = [0], sourceLocation: SourceLocation = #_sourceLocation
    ) {
        expect(
            .json(path: "s", part: part, defect: defect), safetensorsBytes(header, data: data),
            sourceLocation: sourceLocation)
    }

    private func entry(_ text: String) -> String { #"{"a":{\#(text)}}"# }

    @Test func `the header begins with a brace`() {
        for header in [" {}", "\t{}", "\n{}", "\r{}"] { expect(.notAnObject, header) }
        expect(
            .safetensors(path: "s", tensor: nil, defect: .notAnObject),
            safetensorsBytes([], data: Array("{}".utf8)))
    }

    @Test func `the header is UTF-8`() {
        for (bytes, offset): ([UInt8], Int) in [
            ([0xff], 2), ([0xc0, 0x80], 2), ([0xed, 0xa0, 0x80], 2), ([0x61, 0xf0, 0x9f], 3),
        ] {
            let header = Array("{\"".utf8) + bytes + Array("\":{}}".utf8)
            expect(
                .json(path: "s", part: "safetensors header", defect: .notUTF8(offset: offset)),
                safetensorsBytes(header))
        }
    }

    @Test(arguments: [
        ("{", 1), ("{a}", 1), ("{,}", 1), (#"{"a"}"#, 4), (#"{"__metadata__":{},}"#, 19),
        (#"{"a" {}}"#, 5), ("{'a':{}}", 1), (#"{"a"#, 3), (#"{"a\"#, 4), (#"{"a\u"#, 3),
        (#"{"a\u12g4"#, 3), (#"{"a\u+123":{}}"#, 3), (#"{"\x41":{}}"#, 2), (#"{"\ud800":{}}"#, 2),
        (#"{"\udc00":{}}"#, 2), (#"{"\ud800\u0041":{}}"#, 2), (#"{"\ud800\n":{}}"#, 2),
        (#"{"\ud800\ud800":{}}"#, 2), ("{\"a\u{1}\":{}}", 3), ("{\"a\n\":{}}", 3),
        (#"{/**/}"#, 1), ("{}}{", 2),
    ])
    func `the header is JSON`(header: String, offset: Int) {
        // A header may also be complete and have something behind it.
        let isComplete = header.hasPrefix("{}")
        expect(isComplete ? .trailingBytes(offset: offset) : .malformed(offset: offset), header)
    }

    @Test(arguments: [
        ("null", 16), (#"{"k":1}"#, 21), (#"{"k":{}}"#, 21), (#"{"k":null}"#, 21), (#"["k"]"#, 16),
    ])
    func `the metadata are texts`(value: String, offset: Int) {
        expect(
            .malformed(offset: offset), part: "__metadata__", #"{"__metadata__":\#(value)}"#)
    }

    @Test(arguments: [
        #""a":"#, #""a":[]"#, #""a":null"#, #""a":1"#, #""a":{"dtype"}"#,
        #""a":{"dtype":1}"#, #""a":{"dtype":null}"#, #""a":{"shape":1}"#, #""a":{"shape":[1,]}"#,
        #""a":{"shape":[,1]}"#, #""a":{"shape":[1 1]}"#, #""a":{"shape":[1"#,
        #""a":{"shape":[01]}"#, #""a":{"shape":[00]}"#, #""a":{"shape":[+1]}"#,
        #""a":{"shape":[1.0]}"#, #""a":{"shape":[1e0]}"#, #""a":{"shape":["1"]}"#,
        #""a":{"shape":[[1]]}"#, #""a":{"shape":[true]}"#, #""a":{"shape":[NaN]}"#,
        #""a":{"shape":{}}"#, #""a":{"data_offsets":[]}"#, #""a":{"data_offsets":[0]}"#,
        #""a":{"data_offsets":[0,1,2]}"#, #""a":{"data_offsets":1}"#,
        #""a":{"data_offsets":[0,0.5]}"#,
    ])
    func `entries have their form`(entry: String) {
        #expect {
            try Checkpoint.read(safetensorsBytes("{\(entry)}"), name: "s")
        } throws: { error in
            guard case .json("s", "tensor \"a\"", .malformed) = error as? CheckpointError else {
                return false
            }
            return true
        }
    }

    @Test func `only spaces follow the object`() {
        for (header, offset) in [("{}\n", 2), ("{} \t ", 3), ("{}\0", 2), ("{} x", 3)] {
            expect(.trailingBytes(offset: offset), header)
        }
    }

    /// Offsets are those of the keys' opening quotes in the header.
    @Test func `names and keys are unique`() {
        let first = safetensorsEntry("a")
        let second = safetensorsEntry("\\u0061", "U8", "[1]", "[1,2]")
        expect(
            .repeatedKey("a", first: 1, second: 2 + first.utf8.count), "{\(first),\(second)}",
            data: [1, 2])
        expect(
            .repeatedKey("__metadata__", first: 1, second: 19),
            #"{"__metadata__":{},"__metadata__":{}}"#)
        for again in [#""1""#, #""2""#] {
            expect(
                .repeatedKey("k", first: 17, second: 25), part: "__metadata__",
                #"{"__metadata__":{"k":"1","k":\#(again)}}"#)
        }
        for (key, value) in [("dtype", "\"U8\""), ("shape", "[]"), ("data_offsets", "[0,1]")] {
            let pair = "\"\(key)\":\(value)"
            expect(
                .repeatedKey(key, first: 6, second: 7 + pair.utf8.count), part: "tensor \"a\"",
                entry("\(pair),\(pair)"))
        }
        // The metadata's keys are not the tensors'.
        let apart = #"{"__metadata__":{"a":"a","dtype":""},\#(first)}"#
        #expect(throws: Never.self) {
            try Checkpoint.read(safetensorsBytes(apart, data: [1]), name: "s")
        }
    }

    @Test func `keys are exactly the three`() {
        let (type, shape, offsets) = (#""dtype":"U8""#, #""shape":[1]"#, #""data_offsets":[0,1]"#)
        expect(.missingKey("dtype"), in: "a", entry("\(shape),\(offsets)"))
        expect(.missingKey("shape"), in: "a", entry("\(type),\(offsets)"))
        expect(.missingKey("data_offsets"), in: "a", entry("\(type),\(shape)"))
        expect(.unknownKey("strides"), in: "a", entry("\(type),\"strides\":[1]"))
        expect(.unknownKey("Shape"), in: "a", entry("\"Shape\":[1]"))
    }

    @Test func `numbers fit 63 bits`() {
        let beyond = [
            "9223372036854775808", "18446744073709551616", String(repeating: "9", count: 99),
        ]
        for number in beyond {
            expect(
                .numberTooLarge(offset: 15), part: "tensor \"a\"", entry("\"shape\":[\(number)]"))
            expect(
                .numberTooLarge(offset: 24), part: "tensor \"a\"",
                entry("\"data_offsets\":[0,\(number)]"))
        }
        expect(.negativeNumber(offset: 15), part: "tensor \"a\"", entry("\"shape\":[-1]"))
        expect(.negativeNumber(offset: 22), part: "tensor \"a\"", entry("\"data_offsets\":[-0,1]"))
    }

    @Test func `offsets are in order`() {
        expect(
            .reversedOffsets(begin: 1, end: 0), in: "a",
            "{\(safetensorsEntry("a", "U8", "[1]", "[1,0]"))}")
    }

    @Test func `the data are covered once`() {
        let first = safetensorsEntry("a", "U8", "[2]", "[0,2]")
        func with(_ offsets: String) -> String {
            "{\(safetensorsEntry("b", "U8", "[2]", offsets)),\(first)}"
        }
        let data: [UInt8] = [1, 2, 3, 4, 5]
        expect(.gap(begin: 3, expected: 2), in: "b", with("[3,5]"), data: data)
        expect(.overlap(begin: 1, expected: 2), in: "b", with("[1,3]"), data: data)
        expect(.overlap(begin: 0, expected: 2), in: "a", with("[0,2]"), data: [1, 2])
        expect(.uncoveredData(described: 4, found: 5), with("[2,4]"), data: data)
        expect(.uncoveredData(described: 0, found: 1), "{}")
        expect(
            .gap(begin: 1, expected: 0), in: "a",
            "{\(safetensorsEntry("a", "U8", "[0]", "[1,1]"))}")
        // An empty tensor inside another's data.
        let inside = "{\(safetensorsEntry("b", "U8", "[0]", "[1,1]")),\(first)}"
        expect(.overlap(begin: 1, expected: 2), in: "b", inside, data: [1, 2])
    }

    @Test func `data beyond the file are truncated`() {
        let header = "{\(safetensorsEntry("a", "U8", "[2]", "[0,2]"))}"
        expect(
            .truncated(path: "s", part: "tensor \"a\"", offset: 0, needed: 2, available: 1),
            safetensorsBytes(header, data: [1]))
        let end = Int.max
        expect(
            .truncated(path: "s", part: "tensor \"a\"", offset: 0, needed: end, available: 1),
            safetensorsBytes(
                "{\(safetensorsEntry("a", "U8", "[\(end)]", "[0,\(end)]"))}", data: [1]))
    }

    @Test func `shape and type fill the range`() {
        for (type, shape, declared) in [
            ("U8", "[]", 1), ("U8", "[0]", 0), ("U8", "[3]", 3), ("F32", "[1]", 4),
            ("F64", "[2,2]", 32),
        ] {
            expect(
                .lengthMismatch(declared: declared, found: 2), in: "a",
                "{\(safetensorsEntry("a", type, shape, "[0,2]"))}", data: [1, 2])
        }
    }

    @Test(arguments: [
        ("U8", "[9223372036854775807,2]"), ("U8", "[4294967296,4294967296]"),
        ("F64", "[1152921504606846976]"), ("BF16", "[4611686018427387904]"),
    ])
    func `overflowing sizes are refused`(type: String, shape: String) {
        expect(
            .tensor(path: "s", name: "a", defect: .sizeOverflow),
            safetensorsBytes("{\(safetensorsEntry("a", type, shape, "[0,0]"))}"))
    }

    @Test func `the header lies in the file`() {
        let limit = UInt64(ReadLimits.standard.safetensorsHeaderByteCount)
        for length in [3, limit] {
            expect(
                .truncated(
                    path: "s", part: "safetensors header", offset: 8, needed: Int(length),
                    available: 2),
                safetensorsBytes(Array("{}".utf8), headerByteCount: length))
        }
        for length in [limit + 1, 0xffff_ffff] {
            expect(
                .limitExceeded(
                    path: "s", part: "safetensors header", limit: .safetensorsHeaderByteCount,
                    value: Int(length), maximum: Int(limit)),
                safetensorsBytes(Array("{}".utf8), headerByteCount: length))
        }
    }

    @Test func `errors name file tensor and reason`() {
        let error = CheckpointError.safetensors(
            path: "m", tensor: "w", defect: .lengthMismatch(declared: 4, found: 2))
        #expect(error.description == "m: tensor \"w\": type and shape make 4 bytes, its offsets 2")
        let whole = CheckpointError.safetensors(path: "m", tensor: nil, defect: .notAnObject)
        #expect(whole.description == "m: the header does not begin with {")
        let text = CheckpointError.json(
            path: "m", part: "__metadata__", defect: .repeatedKey("k", first: 17, second: 25))
        #expect(
            text.description == "m: __metadata__: key \"k\" stands there twice, at bytes 17 and 25")
    }
}
