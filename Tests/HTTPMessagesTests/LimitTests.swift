import Testing

@testable import HTTPMessages

/// Each limit one below, at, and one above; whole and byte by byte.
@Suite struct LimitTests {
    private func check(
        _ text: String, _ limits: HTTPLimits, refusedWith error: HTTPParseError?
    ) {
        let bytes = Array(text.utf8)
        let whole = parse(bytes, limits: limits)
        #expect(whole.error == error)
        #expect(whole.requests.count == (error == nil ? 1 : 0))
        #expect(parse(bytes, cuts: Array(0..<bytes.count), limits: limits) == whole)
    }

    @Test(arguments: -1...1) func `method bytes`(excess: Int) {
        let limits = HTTPLimits()
        let method = String(repeating: "M", count: limits.maxMethodBytes + excess)
        check(
            "\(method) / HTTP/1.0\r\n\r\n", limits,
            refusedWith: excess > 0 ? .methodTooLong(limit: limits.maxMethodBytes) : nil)
    }

    @Test(arguments: -1...1) func `target bytes`(excess: Int) {
        let limits = HTTPLimits()
        let target = "/" + String(repeating: "a", count: limits.maxTargetBytes - 1 + excess)
        check(
            "GET \(target) HTTP/1.0\r\n\r\n", limits,
            refusedWith: excess > 0 ? .targetTooLong(limit: limits.maxTargetBytes) : nil)
    }

    @Test func `an endless request line is refused by what is endless`() {
        let limits = HTTPLimits()
        let endless = String(repeating: "a", count: 20_000)
        check(endless, limits, refusedWith: .methodTooLong(limit: limits.maxMethodBytes))
        check("GET /" + endless, limits, refusedWith: .targetTooLong(limit: limits.maxTargetBytes))
        check("G(T /" + endless, limits, refusedWith: .malformedRequestLine)
    }

    @Test(arguments: -1...1) func `header count`(excess: Int) {
        let limits = HTTPLimits()
        let lines = (0..<(limits.maxHeaderCount + excess)).map { "X\($0): 1\r\n" }.joined()
        check(
            "GET / HTTP/1.0\r\n\(lines)\r\n", limits,
            refusedWith: excess > 0 ? .tooManyHeaders(limit: limits.maxHeaderCount) : nil)
    }

    @Test(arguments: -1...1) func `header bytes, the empty line included`(excess: Int) {
        let limits = HTTPLimits()
        // "X: " + value + CR LF + CR LF
        let value = String(repeating: "a", count: limits.maxHeaderBytes - 7 + excess)
        check(
            "GET / HTTP/1.0\r\nX: \(value)\r\n\r\n", limits,
            refusedWith: excess > 0 ? .headersTooLong(limit: limits.maxHeaderBytes) : nil)
    }

    @Test(arguments: -1...1) func `declared body bytes, before any is read`(excess: Int) {
        var limits = HTTPLimits()
        limits.maxBodyBytes = 10
        let head = "POST / HTTP/1.0\r\nContent-Length: \(10 + excess)\r\n\r\n"
        let body = excess > 0 ? "" : String(repeating: "a", count: 10 + excess)
        check(head + body, limits, refusedWith: excess > 0 ? .bodyTooLong(limit: 10) : nil)
    }

    @Test(arguments: -1...1) func `digits of a declared length`(excess: Int) {
        let digits = String(repeating: "0", count: 17 + excess) + "1"
        check(
            "POST / HTTP/1.0\r\nContent-Length: \(digits)\r\n\r\n" + (excess > 0 ? "" : "x"),
            HTTPLimits(), refusedWith: excess > 0 ? .malformedContentLength : nil)
    }

    @Test(arguments: -1...1) func `digits of a chunk's size`(excess: Int) {
        let digits = String(repeating: "0", count: 14 + excess) + "1"
        check(
            chunked("\(digits)\r\n" + (excess > 0 ? "" : "x\r\n0\r\n\r\n")), HTTPLimits(),
            refusedWith: excess > 0 ? .malformedChunk : nil)
    }

    @Test(arguments: -1...1) func `empty lines before a request`(excess: Int) {
        check(
            String(repeating: "\r\n", count: 1 + excess) + "GET / HTTP/1.0\r\n\r\n", HTTPLimits(),
            refusedWith: excess > 0 ? .malformedRequestLine : nil)
    }

    @Test(arguments: -1...1) func `chunked body bytes, before the chunk is read`(excess: Int) {
        var limits = HTTPLimits()
        limits.maxBodyBytes = 10
        let body = String(repeating: "a", count: 5 + excess)
        check(
            chunked("5\r\naaaaa\r\n\(5 + excess)\r\n")
                + (excess > 0 ? "" : "\(body)\r\n0\r\n\r\n"), limits,
            refusedWith: excess > 0 ? .bodyTooLong(limit: 10) : nil)
    }

    @Test(arguments: -1...1) func `chunk extension bytes over all chunks`(excess: Int) {
        var limits = HTTPLimits()
        limits.maxChunkExtensionBytes = 12
        let name = String(repeating: "b", count: 7 + excess)
        // ";aaa" is 4 bytes, ";" and the name 8 + excess.
        check(
            chunked("1;aaa\r\nx\r\n1;\(name)\r\ny\r\n0\r\n\r\n"), limits,
            refusedWith: excess > 0 ? .chunkExtensionsTooLong(limit: 12) : nil)
    }

    @Test func `an endless chunk line is refused by what is endless`() {
        let limits = HTTPLimits()
        let long = String(repeating: "0", count: 10_000)
        check(chunked(long), limits, refusedWith: .malformedChunk)
        check(chunked("1;" + long), limits, refusedWith: .chunkExtensionsTooLong(limit: 4096))
        check(chunked(";" + long), limits, refusedWith: .malformedChunk)
    }

    @Test(arguments: -1...1) func `trailer count`(excess: Int) {
        let limits = HTTPLimits()
        let lines = (0..<(limits.maxTrailerCount + excess)).map { "X\($0): 1\r\n" }.joined()
        check(
            chunked("0\r\n\(lines)\r\n"), limits,
            refusedWith: excess > 0 ? .tooManyTrailers(limit: limits.maxTrailerCount) : nil)
    }

    @Test(arguments: -1...1) func `trailer bytes, the empty line included`(excess: Int) {
        var limits = HTTPLimits()
        limits.maxTrailerBytes = 20
        let value = String(repeating: "a", count: 13 + excess)
        check(
            chunked("0\r\nX: \(value)\r\n\r\n"), limits,
            refusedWith: excess > 0 ? .trailersTooLong(limit: 20) : nil)
    }
}
