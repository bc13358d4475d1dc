import Checkpoints
import Foundation
import Testing

/// Files of the safetensors library, and what the format's description allows beside them.
@Suite struct SafetensorsReadTests {
    private func open(_ golden: String) throws -> Checkpoint {
        let data = try #require(
            Data(base64Encoded: golden, options: .ignoreUnknownCharacters))
        return try Checkpoint.read([UInt8](data), name: "g")
    }

    private func read(_ header: String, data: [UInt8] = []) throws -> Checkpoint {
        try Checkpoint.read(safetensorsBytes(header, data: data), name: "s")
    }

    @Test(
        arguments: [
            ("F64", .float64, [1.5, -2.25, 0, 1024]), ("F32", .float32, [1.5, -2.25, 0, 1024]),
            ("F16", .float16, [1.5, -2.25, 0, 1024]), ("BF16", .bfloat16, [1.5, -2.25, 0, 1024]),
        ] as [(String, ElementType, [Double])])
    func `floating types are read`(type: String, elementType: ElementType, values: [Double]) throws
    {
        let tensor = try #require(try open(SafetensorsFiles.allTypes)["type.\(type)"])
        #expect(tensor.elementType == elementType)
        #expect(tensor.shape == [2, 2])
        #expect(try tensor.doubles() == values)
        #expect(try tensor.floats() == values.map { Float($0) })
    }

    @Test(
        arguments: [
            ("I64", .int64, [.min, -1, 1, .max]),
            ("I32", .int32, [-0x8000_0000, -1, 1, 0x7fff_ffff]),
            ("I16", .int16, [-32_768, -1, 1, 32_767]), ("I8", .int8, [-128, -1, 1, 127]),
            ("U64", .uint64, [0, 1, 2, .max]), ("U32", .uint32, [0, 1, 2, 0xffff_ffff]),
            ("U16", .uint16, [0, 1, 2, 65_535]), ("U8", .uint8, [0, 1, 2, 255]),
            ("BOOL", .bool, [1, 0, 0, 1]),
        ] as [(String, ElementType, [Int64])])
    func `integer types are read`(type: String, elementType: ElementType, values: [Int64]) throws {
        let tensor = try #require(try open(SafetensorsFiles.allTypes)["type.\(type)"])
        #expect(tensor.elementType == elementType)
        #expect(tensor.shape == [2, 2])
        #expect(try tensor.integers() == values)
    }

    @Test func `tensors come in the order of their data`() throws {
        let checkpoint = try open(SafetensorsFiles.allTypes)
        #expect(checkpoint.format == .safetensors)
        #expect(checkpoint.attributes.isEmpty)
        #expect(checkpoint.metadata.isEmpty)
        let types = [
            "U64", "I64", "F64", "F32", "U32", "I32", "BF16", "F16", "U16", "I16", "I8", "U8",
            "BOOL",
        ]
        #expect(checkpoint.tensors.map(\.name) == types.map { "type.\($0)" })
        let header = safetensorsEntry("b", "U8", "[2]", "[1,3]") + "," + safetensorsEntry("a")
        let swapped = try read("{\(header)}", data: [1, 2, 3])
        #expect(swapped.tensors.map(\.name) == ["a", "b"])
        #expect(try swapped["b"]?.integers() == [2, 3])
    }

    @Test func `scalars empty tensors and any names are read`() throws {
        let checkpoint = try open(SafetensorsFiles.names)
        let names = [
            "hollow", "größe/😀.weight", "scalar", "empty", "quote\"back\\slash\n\u{1}", "",
        ]
        #expect(checkpoint.tensors.map(\.name) == names)
        let shapes = [[3, 0], [2, 3], [], [0, 4], [2], [1]]
        #expect(checkpoint.tensors.map(\.shape) == shapes)
        let values: [[Float]] = [[], [0, 1, 2, 3, 4, 5], [2.5], [], [-1, 1], [7]]
        #expect(try checkpoint.tensors.map { try $0.floats() } == values)
    }

    @Test func `metadata is read`() throws {
        let text = "line one\nline \"two\"\\\t\r\u{8}\u{c}\u{1f}😀"
        let metadata = try open(SafetensorsFiles.names).metadata
        #expect(metadata == ["format": "np", "ключ": text, "empty": ""])
    }

    @Test func `a file without tensors is read`() throws {
        #expect(try open(SafetensorsFiles.nothing).tensors.isEmpty)
        let onlyMetadata = try read(#"{"__metadata__":{}}"#)
        #expect(onlyMetadata.tensors.isEmpty)
        #expect(onlyMetadata.metadata.isEmpty)
    }

    @Test func `white space stands between tokens`() throws {
        let header = """
            { "__metadata__" : { "k" : "v" } ,\r\n\t"a" :\t{ "shape" : [ 1 , 1 ] ,
            "data_offsets" : [ 0 , 2 ] , "dtype" : "I16" } }
            """
        let checkpoint = try read(header + "   ", data: [1, 2])
        #expect(try checkpoint["a"]?.integers() == [0x201])
        #expect(checkpoint.metadata == ["k": "v"])
    }

    @Test(arguments: [
        (#"\""#, "\""), (#"\\"#, "\\"), (#"\/"#, "/"), (#"\b"#, "\u{8}"), (#"\f"#, "\u{c}"),
        (#"\n"#, "\n"), (#"\r"#, "\r"), (#"\t"#, "\t"), (#"\u0000"#, "\0"),
        (#"\u00e9\u00E9"#, "éé"), (#"\uffff"#, "\u{ffff}"), (#"\ud7ff\ue000"#, "\u{d7ff}\u{e000}"),
        (#"\ud800\udc00"#, "\u{10000}"), (#"\uDBFF\uDFFF"#, "\u{10ffff}"), ("\u{7f}é😀", "\u{7f}é😀"),
    ])
    func `escapes are undone`(escaped: String, text: String) throws {
        let header = #"{"__metadata__":{"k":"<\#(escaped)>"},\#(safetensorsEntry(escaped))}"#
        let checkpoint = try read(header, data: [9])
        #expect(checkpoint.metadata["k"].map { Array($0.utf8) } == Array("<\(text)>".utf8))
        #expect(checkpoint.tensors.map { Array($0.name.utf8) } == [Array(text.utf8)])
    }

    @Test func `empty tensors may have any other sizes`() throws {
        let shapes = ["[0]", "[3,0]", "[9223372036854775807,9223372036854775807,0]"]
        for shape in shapes {
            let checkpoint = try read("{\(safetensorsEntry("a", "F32", shape, "[0,0]"))}")
            #expect(try checkpoint["a"]?.floats() == [])
        }
    }

    /// A length that looks like the first bytes of another format is a length all the same.
    @Test(arguments: [0x80, 0x8b1f, 0x8_8b1f, 0x0280])
    func `headers of any length are recognized`(length: Int) throws {
        let spaces = String(repeating: " ", count: length - 2)
        #expect(try read("{}" + spaces).format == .safetensors)
    }
}
