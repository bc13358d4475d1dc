import HTTPTypes
import Testing

@testable import HTTPMessages

@Suite struct RequestParserTests {
    @Test(arguments: accepted) func `takes what the RFC allows`(text: String, count: Int) {
        let outcome = parse(text)
        #expect(outcome.error == nil)
        #expect(outcome.requests.count == count)
        #expect(outcome.stage == .idle)
    }

    @Test(arguments: refusedHeads + refusedFraming)
    func `refuses the rest with its status`(refusal: Refusal) {
        let outcome = parse(refusal.text)
        #expect(outcome.error == refusal.error)
        #expect(outcome.error?.status == refusal.status)
        #expect(outcome.requests.isEmpty)
        #expect(outcome.stage == .failed)
        #expect(outcome.error?.description.isEmpty == false)
    }

    @Test(arguments: accepted.map(\.text) + (refusedHeads + refusedFraming).map(\.text))
    func `fragmentation changes nothing`(text: String) {
        let bytes = Array(text.utf8)
        let whole = parse(bytes)
        #expect(parse(bytes, cuts: Array(0..<bytes.count)) == whole)
        for cut in 0...bytes.count { #expect(parse(bytes, cuts: [cut]) == whole) }
    }

    @Test func `an error is final`() {
        var parser = RequestParser(limits: HTTPLimits())
        let bad = Array("\0".utf8)
        let good = Array("GET / HTTP/1.0\r\n\r\n".utf8)
        for bytes in [bad, good, good] {
            var offset = 0
            #expect(throws: HTTPParseError.malformedRequestLine) {
                try parser.parse(bytes.span, at: &offset)
            }
        }
    }

    @Test func `a request is taken apart`() throws {
        let message = try request(
            "POST /v1/a%2Fb?x=1&y=?z HTTP/1.1\r\nHost: h:1\r\nX-A: 1\r\nx-a: 2\r\n"
                + "Content-Length: 2\r\n\r\nhi")
        #expect(message.head.method == .post)
        #expect(message.head.path == "/v1/a%2Fb")
        #expect(message.head.query == "x=1&y=?z")
        #expect(message.head.version == .http11)
        #expect(message.framing == .contentLength)
        #expect(message.body == Array("hi".utf8))
        #expect(message.head.headers[HTTPField.Name(literal: "X-A")] == "1, 2")
        #expect(message.head.headers.pairs.map(\.name) == ["Host", "X-A", "x-a", "Content-Length"])
    }

    @Test(
        arguments: [
            ("/", "/", nil), ("/?", "/", ""), ("/a?b", "/a", "b"), ("http://h", "/", nil),
            ("http://h?q", "/", "q"), ("http://h/p?q", "/p", "q"), ("//a", "//a", nil),
            ("/../a", "/../a", nil),
        ] as [(String, String, String?)])
    func `a target splits into path and query`(
        target: String, path: String, query: String?
    ) throws {
        let message = try request("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(message.head.path == path)
        #expect(message.head.query == query)
    }

    @Test func `an absolute target leaves the path, and Host stays a header field`() throws {
        let message = try request("GET http://b:2/ HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(message.head.path == "/")
        #expect(message.head.headers[.hostField] == "a")
    }

    @Test func `chunks are joined and trailers dropped`() throws {
        let message = try request(
            chunked("5;ext=\"v\"\r\nhello\r\n1\r\n \r\n5\r\nworld\r\n0\r\nX-Trailer: 1\r\n\r\n"))
        #expect(message.body == Array("hello world".utf8))
        #expect(message.framing == .chunked)
        #expect(!message.head.headers.contains(HTTPField.Name(literal: "X-Trailer")))
    }

    @Test(
        arguments: [
            ("1.1", nil, true), ("1.1", "close", false), ("1.1", "CLOSE", false),
            ("1.1", "keep-alive", true), ("1.1", "a, close , b", false), ("1.1", "closed", true),
            ("1.0", nil, false), ("1.0", "keep-alive", true), ("1.0", "Keep-Alive", true),
            ("1.0", "keep-alive, close", false),
        ] as [(String, String?, Bool)])
    func `persistence follows version and Connection`(
        version: String, connection: String?, isPersistent: Bool
    ) throws {
        let line = connection.map { "Connection: \($0)\r\n" } ?? ""
        let message = try request("GET / HTTP/\(version)\r\nHost: a\r\n\(line)\r\n")
        #expect(message.head.isPersistent == isPersistent)
    }

    @Test func `waits for 100 Continue only until a body byte has come`() throws {
        var parser = RequestParser(limits: HTTPLimits())
        let head = Array(
            "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n".utf8)
        var offset = 0
        #expect(try parser.parse(head.span, at: &offset) == nil)
        #expect(parser.awaitsContinue)
        offset = 0
        #expect(try parser.parse(Array("x".utf8).span, at: &offset) == nil)
        #expect(!parser.awaitsContinue)
    }
}
