import Checkpoints
import Testing

/// Arrays of texts in `.npz` files: UTF-32 in either byte order, filled up with NULs.
@Suite struct NumPyTextTests {
    private func read(_ writer: ArrayWriter, isDeflated: Bool = false) throws -> Checkpoint {
        var member = ZipWriter.Member("names.npy", writer.bytes)
        member.method = isDeflated ? 8 : 0
        return try Checkpoint.read(ZipWriter([member]).bytes, name: "z")
    }

    /// Texts of `width` code points each.
    private func data(_ texts: [String], width: Int, isBigEndian: Bool = false) -> [UInt8] {
        texts.flatMap { text in
            let values = text.unicodeScalars.map(\.value)
            return (values + [UInt32](repeating: 0, count: width - values.count)).flatMap {
                isBigEndian ? Array(little($0).reversed()) : little($0)
            }
        }
    }

    @Test(arguments: [false, true], [false, true])
    func `texts are read in both byte orders`(isBigEndian: Bool, isDeflated: Bool) throws {
        let texts = ["é", "", "a\0b", "日本🙂"]
        let writer = ArrayWriter(
            descriptor: isBigEndian ? "'>U3'" : "'<U3'", shape: "(4,)",
            data: data(texts, width: 3, isBigEndian: isBigEndian))
        let checkpoint = try read(writer, isDeflated: isDeflated)
        #expect(try checkpoint.texts(named: "names") == texts)
        #expect(try checkpoint.texts(named: "other") == nil)
        #expect(checkpoint.unread.map(\.type) == ["strings"])
    }

    @Test func `two dimensions are read in C order only`() throws {
        let texts = ["a", "b", "c", "d"]
        for (order, found) in [("False", texts), ("True", nil)] {
            let writer = ArrayWriter(
                descriptor: "'<U1'", fortranOrder: order, shape: "(2, 2)",
                data: data(texts, width: 1))
            #expect(try read(writer).texts(named: "names") == found)
        }
    }

    @Test(arguments: [UInt32(0xD800), 0xDFFF, 0x11_0000, .max])
    func `numbers that are no code points are refused`(value: UInt32) throws {
        let writer = ArrayWriter(descriptor: "'<U1'", shape: "(1,)", data: little(value))
        let checkpoint = try read(writer)
        #expect(throws: CheckpointError.self) { try checkpoint.texts(named: "names") }
    }

    @Test(arguments: [UInt32(0xD7FF), 0xE000, 0x10_FFFF])
    func `those beside them are texts`(value: UInt32) throws {
        let writer = ArrayWriter(descriptor: "'<U1'", shape: "(1,)", data: little(value))
        let scalar = try #require(Unicode.Scalar(value))
        #expect(try read(writer).texts(named: "names") == [String(scalar)])
    }

    @Test(arguments: [
        "'|S4'", "'<U0'", "'|U1'", "'<U-1'", "'<U'", "'<U2'", "'<U9223372036854775807'",
    ])
    func `other arrays are no texts`(descriptor: String) throws {
        let writer = ArrayWriter(descriptor: descriptor, shape: "(1,)", data: little(UInt32(97)))
        #expect(try read(writer).texts(named: "names") == nil)
    }
}
