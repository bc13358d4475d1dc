import Fixtures
import Foundation
import Testing

@testable import InferenceAPI

@Suite struct JSONWriterTests {
    private func text(_ body: (inout JSONWriter) throws -> Void) rethrows -> String {
        var writer = JSONWriter()
        try body(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test func `commas stand between values only`() throws {
        let (floats, nothing): ([Float], [Float]) = ([1, 0.5, -2e-9], [])
        let text = try text { writer in
            writer.beginObject()
            writer.key("a")
            writer.beginArray()
            writer.integer(1)
            writer.beginArray()
            writer.endArray()
            writer.beginObject()
            writer.endObject()
            writer.string("x")
            writer.endArray()
            writer.key("b")
            try writer.array(floats.span)
            writer.key("c")
            writer.bool(true)
            writer.key("d")
            try writer.number(0.25 as Double)
            writer.key("e")
            try writer.array(nothing.span)
            writer.key("f")
            writer.null()
            writer.endObject()
        }
        #expect(
            text == #"{"a":[1,[],{},"x"],"b":[1.0,0.5,-2e-09],"c":true,"d":0.25,"e":[],"f":null}"#)
    }

    @Test func `it writes behind what is there`() {
        var writer = JSONWriter(appendingTo: Array("head".utf8))
        writer.beginArray()
        writer.endArray()
        #expect(writer.bytes == Array("head[]".utf8))
    }

    @Test func `integers are written in full`() {
        let text = text { writer in
            writer.beginArray()
            writer.integer(Int.min)
            writer.integer(UInt64.max)
            writer.integer(0)
            writer.endArray()
        }
        #expect(text == "[-9223372036854775808,18446744073709551615,0]")
    }

    /// Foundation reads back what was written: every ASCII byte, and scalars of each length.
    @Test func `strings read back`() throws {
        var samples = (0..<128).compactMap { Unicode.Scalar($0).map { String($0) } }
        samples += ["", "é", "\u{2028}", "😀", "\u{10FFFF}", "a\u{0}b", "\\\"/\n\r\t\u{1f}", "\r\n"]
        for sample in samples {
            let bytes = Array(text { $0.string(sample) }.utf8)
            #expect(bytes.allSatisfy { $0 >= 0x20 })
            let value = try JSONSerialization.jsonObject(
                with: Data(bytes), options: .fragmentsAllowed)
            let read = try #require(value as? String)
            #expect(Array(read.utf8) == Array(sample.utf8))
        }
    }

    @Test func `doubles read back`() throws {
        var random = SeededRandom(seed: 31)
        let special: [Double] = [
            0, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 0.1, 1e21, 1e-7,
        ]
        for value in special + (0..<20_000).map({ _ in Double(bitPattern: random.next()) })
        where value.isFinite {
            let text = try text { try $0.number(value) }
            let isExact = Double(text)?.bitPattern == value.bitPattern
            if !isExact || !isJSONNumber(Array(text.utf8)) { Issue.record("\(text)") }
        }
    }

    @Test func `arrays of floats read back`() throws {
        var random = SeededRandom(seed: 32)
        let values = (0..<5_000).map { _ in Float.random(in: -1e3...1e3, using: &random) }
        let text = try text { try $0.array(values.span) }
        let body = #"{"instances": [\#(text)]}"#
        #expect(try decode(body, width: values.count).features == values)
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity])
    func `what is not finite is refused and nothing written`(value: Float) throws {
        let values = [0, 1, value, 3]
        var writer = JSONWriter()
        writer.beginArray()
        let before = writer.bytes
        #expect(throws: JSONWriter.NotFinite(index: 0)) { try writer.number(value) }
        #expect(throws: JSONWriter.NotFinite(index: 0)) { try writer.number(Double(value)) }
        #expect(throws: JSONWriter.NotFinite(index: 2)) {
            try writer.array(values.span)
        }
        #expect(writer.bytes == before)
        try writer.number(1 as Float)
        #expect(writer.bytes == Array("[1.0".utf8))
    }
}
