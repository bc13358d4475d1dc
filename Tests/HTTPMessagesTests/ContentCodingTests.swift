import Fixtures
import HTTPTypes
import Testing

@testable import HTTPMessages

/// `hello\n` as gzip 1.12 (`gzip -n`) and Python's zlib.compress wrote it.
private let gzipHello: [UInt8] = [
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0xe7,
    0x02, 0x00, 0x20, 0x30, 0x3a, 0x36, 0x06, 0x00, 0x00, 0x00,
]
private let zlibHello: [UInt8] = [
    0x78, 0x9c, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0xe7, 0x02, 0x00, 0x08, 0x4b, 0x02, 0x1f,
]
private let hello = Array("hello\n".utf8)

@Suite struct ContentCodingTests {
    private func decode(
        _ body: [UInt8], _ codings: String..., limit: Int = 1 << 20
    ) throws(ContentCodingError) -> [UInt8] {
        let fields = codings.map { "Content-Encoding: \($0)\r\n" }.joined()
        let text = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: \(body.count)\r\n\(fields)\r\n"
        let outcome = parse(Array(text.utf8) + body)
        precondition(outcome.requests.count == 1)
        guard let coding = ContentCoding(of: outcome.requests[0].head.headers) else {
            throw .unsupported
        }
        if coding == .identity { return body }
        return try inflated([body], coding, limit: limit)
    }

    private func gzip(_ body: [UInt8]) throws -> [UInt8] {
        let encoder = try #require(GzipEncoder())
        return try #require(encoder.encode(body))
    }

    @Test(arguments: ["gzip", "GZIP", "x-gzip"]) func `gzip is decoded`(coding: String) throws {
        #expect(try decode(gzipHello, coding) == hello)
    }

    @Test func `deflate is zlib's format, and the plain body stays`() throws {
        #expect(try decode(zlibHello, "deflate") == hello)
        #expect(try decode(hello) == hello)
        #expect(try decode(hello, "identity") == hello)
    }

    @Test(arguments: ["br", "", "gzip, gzip", "gzip,identity", "identity, identity", "compress"])
    func `other codings and stacks of them are not understood`(coding: String) {
        #expect(throws: ContentCodingError.unsupported) { try decode(gzipHello, coding) }
    }

    @Test func `codings on two lines are a stack`() {
        #expect(throws: ContentCodingError.unsupported) {
            try decode(gzipHello, "gzip", "identity")
        }
    }

    @Test func `every truncation is noticed`() {
        for count in 0..<gzipHello.count {
            #expect(throws: ContentCodingError.truncated) {
                try decode(Array(gzipHello[..<count]), "gzip")
            }
        }
        for count in 0..<zlibHello.count {
            #expect(throws: ContentCodingError.truncated) {
                try decode(Array(zlibHello[..<count]), "deflate")
            }
        }
    }

    /// RFC 1952 §2.2: members follow each other with nothing between and behind them. gzip(1)
    /// overlooks zeros at the end and only warns of other bytes.
    @Test(arguments: [[0], [10], [0x1e], [0x8b], [UInt8](repeating: 0, count: 100_000), zlibHello])
    func `nothing but members may follow a member`(tail: [UInt8]) {
        for body in [gzipHello, gzipHello + gzipHello] {
            #expect(throws: ContentCodingError.trailingBytes) { try decode(body + tail, "gzip") }
        }
        #expect(throws: ContentCodingError.trailingBytes) {
            try decode(zlibHello + tail, "deflate")
        }
        #expect(throws: ContentCodingError.trailingBytes) {
            try decode(gzipHello + tail + gzipHello, "gzip")
        }
    }

    /// One stream of zlib's is the whole body (RFC 1950).
    @Test func `nothing may follow deflate, not even another stream`() {
        for tail in [[0x78], zlibHello, gzipHello] as [[UInt8]] {
            #expect(throws: ContentCodingError.trailingBytes) {
                try decode(zlibHello + tail, "deflate")
            }
        }
    }

    @Test func `a wrong checksum, length, or format is malformed`() {
        for index in (gzipHello.count - 8)..<gzipHello.count {
            var bytes = gzipHello
            bytes[index] ^= 1
            #expect(throws: ContentCodingError.malformed) { try decode(bytes, "gzip") }
        }
        let rawDeflate = Array(zlibHello[2..<10])
        let withDictionary: [UInt8] = [0x78, 0xbb, 0, 0, 0, 1, 3, 0]
        for bytes in [hello, rawDeflate, gzipHello, withDictionary] {
            #expect(throws: ContentCodingError.malformed) { try decode(bytes, "deflate") }
        }
        #expect(throws: ContentCodingError.malformed) { try decode(zlibHello, "gzip") }
    }

    /// On both sides of the limit itself and of the buffer the bytes pass through.
    @Test(arguments: [1, 10, 65_535, 65_536, 65_537, 100_000], -1...1)
    func `the limit holds for the decoded bytes`(limit: Int, excess: Int) throws {
        let body = [UInt8](repeating: 7, count: limit + excess)
        let coded = try gzip(body)
        if excess > 0 {
            #expect(throws: ContentCodingError.tooLong(limit: limit)) {
                try decode(coded, "gzip", limit: limit)
            }
        } else {
            #expect(try decode(coded, "gzip", limit: limit) == body)
        }
    }

    /// However much the input holds, a call decodes at most a buffer of it.
    @Test func `memory is that of a buffer`() throws {
        let coded = try gzip([UInt8](repeating: 0, count: 1 << 20))
        var inflater = try ContentInflater(.gzip, limit: 1 << 20)
        var (offset, calls, count) = (0, 0, 0)
        while offset < coded.count {
            var output: [UInt8] = []
            try inflater.read(coded.span, from: &offset, into: &output)
            #expect(output.count <= ContentInflater.bufferBytes)
            count += output.count
            calls += 1
        }
        try inflater.checkEnd()
        #expect(count == 1 << 20 && calls >= (1 << 20) / ContentInflater.bufferBytes)
    }

    @Test func `a bomb is given up at the limit, not at its end`() throws {
        // 64 MiB of zeros in about 64 KiB; the rest after the limit is not valid any more.
        var bomb = try gzip([UInt8](repeating: 0, count: 64 << 20))
        #expect(bomb.count > 60_000)
        for index in (bomb.count / 2)..<bomb.count { bomb[index] = 0xff }
        #expect(throws: ContentCodingError.tooLong(limit: 1 << 20)) { try decode(bomb, "gzip") }
    }

    @Test(arguments: 0..<20) func `what is encoded decodes, in any pieces`(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        let alphabet = Int.random(in: 1...256, using: &random)
        let body = (0..<Int.random(in: 0...200_000, using: &random)).map { _ in
            UInt8(Int.random(in: 0..<alphabet, using: &random))
        }
        let coded = try gzip(body)
        #expect(try gzip(body) == coded)
        var (pieces, start): ([[UInt8]], Int) = ([], 0)
        while start < coded.count {
            let end = min(coded.count, start + Int.random(in: 1...9000, using: &random))
            pieces.append(Array(coded[start..<end]))
            start = end
        }
        #expect(try inflated(pieces, .gzip, limit: body.count) == body)
    }
}
