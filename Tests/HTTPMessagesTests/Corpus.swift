import Testing

@testable import HTTPMessages

/// A parser's result for a whole stream: the requests, and the error that it ends in.
struct ParseOutcome: Equatable {
    var requests: [HTTPRequestMessage] = []
    var error: HTTPParseError?
    var stage = RequestParser.Stage.idle
}

/// Parses a stream cut at the given offsets (ascending).
func parse(
    _ bytes: [UInt8], cuts: [Int] = [], limits: HTTPLimits = HTTPLimits()
) -> ParseOutcome {
    var parser = RequestParser(limits: limits)
    var outcome = ParseOutcome()
    var start = 0
    for end in cuts + [bytes.count] {
        let fragment = Array(bytes[start..<end])
        start = end
        var offset = 0
        do {
            while offset < fragment.count {
                if let request = try parser.parse(fragment.span, at: &offset) {
                    outcome.requests.append(request)
                }
            }
        } catch {
            outcome.error = error
            break
        }
    }
    outcome.stage = parser.stage
    return outcome
}

func parse(_ text: String, limits: HTTPLimits = HTTPLimits()) -> ParseOutcome {
    parse(Array(text.utf8), limits: limits)
}

/// The only request of a stream that has exactly one and nothing else.
func request(_ text: String, limits: HTTPLimits = HTTPLimits()) throws -> HTTPRequestMessage {
    let outcome = parse(text, limits: limits)
    if let error = outcome.error { throw error }
    guard outcome.requests.count == 1, outcome.stage == .idle else {
        throw HTTPParseError.truncated
    }
    return outcome.requests[0]
}

/// A stream that must be refused, and the status it must be refused with.
struct Refusal: Sendable, CustomTestStringConvertible {
    let text: String
    let error: HTTPParseError
    let status: Int

    init(_ text: String, _ error: HTTPParseError, _ status: Int) {
        self.text = text
        self.error = error
        self.status = status
    }

    var testDescription: String { "\(status) \(String(reflecting: text.prefix(60)))" }
}

/// Streams that must be taken, with the number of requests in each.
let accepted: [(text: String, count: Int)] = [
    ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", 1),
    ("GET / HTTP/1.0\r\n\r\n", 1),
    ("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 1),
    ("GET /a%20b/c;d=e?x=1&y=%7B?z HTTP/1.1\r\nHost: a:8080\r\n\r\n", 1),
    ("GET http://example.com/p?q HTTP/1.1\r\nHost: a\r\n\r\n", 1),
    ("GET HTTPS://[::1]:8443 HTTP/1.1\r\nHost: [::1]:8443\r\n\r\n", 1),
    ("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 1),
    ("GET / HTTP/1.1\r\nHost:\r\n\r\n", 1),
    (get("Host: [::]"), 1), (get("Host: [1::]:80"), 1), (get("Host: [::ffff:1.2.3.4]"), 1),
    (get("Host: [1:2:3:4:5:6:7:8]"), 1), (get("Host: [1:2:3:4:5:6:1.2.3.4]"), 1),
    (get("Host: [1:2:3::5:6:7:8]"), 1), (get("Host: [vF.a:b]"), 1),
    ("GET / HTTP/1.1\r\nhOsT: \t a \t\r\nX-Empty:\r\nX-Tab: a\tb\r\n\r\n", 1),
    ("M-SEARCH / HTTP/1.1\r\nHost: a\r\n\r\n", 1),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", 1),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0003\r\n\r\n\r\n\0", 1),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 1),
    ("POST / HTTP/1.0\r\nContent-Length: 2\r\nExpect: anything\r\n\r\nhi", 1),
    ("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\nx", 1),
    (chunked("0\r\n\r\n"), 1),
    (chunked("3\r\nabc\r\n0\r\n\r\n"), 1),
    (chunked("a\r\n0123456789\r\nA\r\n\r\n\r\n\r\n\r\n\r\n\r\n000\r\n\r\n"), 1),
    (chunked("1;a\r\nx\r\n1 ; b = \"c\\\";\" ;d=e\r\ny\r\n0;f\r\n\r\n"), 1),
    (chunked("0\r\nX-Sum: 1\r\nX-Content-Length: 9\r\n\r\n"), 1),
    (
        "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
            + "POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"
            + "GET /3 HTTP/1.0\r\n\r\n", 3
    ),
    (chunked("2\r\nhi\r\n0\r\n\r\n") + chunked("1\r\n!\r\n0\r\n\r\n"), 2),
]

/// All accepted requests that leave the connection open, in one stream.
let persistentStream = accepted.map(\.text).filter { !$0.contains("HTTP/1.0") }.joined()

/// A chunked POST with the given body on the wire.
func chunked(_ body: String) -> String {
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body
}

/// A GET with the given header lines.
func get(_ lines: String...) -> String {
    "GET / HTTP/1.1\r\n" + lines.map { $0 + "\r\n" }.joined() + "\r\n"
}

let refusedHeads: [Refusal] = [
    Refusal(" GET / HTTP/1.1\r\n", .malformedRequestLine, 400),
    Refusal("\u{16}\u{03}\u{01}", .malformedRequestLine, 400),
    Refusal("\r\n\r\nGET / HTTP/1.1\r\n", .malformedRequestLine, 400),
    Refusal("\nGET / HTTP/1.1\r\n", .bareLineFeed, 400),
    Refusal("GET / HTTP/1.1\nHost: a\n\n", .bareLineFeed, 400),
    Refusal("\rGET / HTTP/1.1\r\n", .malformedRequestLine, 400),
    Refusal("GET\r\n", .malformedRequestLine, 400),
    Refusal("GET /\r\n", .malformedRequestLine, 400),
    Refusal("GET  / HTTP/1.1\r\n", .malformedRequestLine, 400),
    Refusal("GET /  HTTP/1.1\r\n", .malformedRequestLine, 400),
    Refusal("GET / HTTP/1.1 \r\n", .malformedRequestLine, 400),
    Refusal("GET\t/\tHTTP/1.1\r\n", .malformedRequestLine, 400),
    Refusal("G(T / HTTP/1.1\r\n", .malformedRequestLine, 400),
    Refusal("GET / http/1.1\r\n", .malformedRequestLine, 400),
    Refusal("GET / HTTP/1.1x\r\n", .malformedRequestLine, 400),
    Refusal("GET / HTTP/11\r\n", .malformedRequestLine, 400),
    Refusal("GET / HTTP/1.2\r\n", .unsupportedVersion, 505),
    Refusal("GET / HTTP/0.9\r\n", .unsupportedVersion, 505),
    Refusal("PRI * HTTP/2.0\r\n", .unsupportedVersion, 505),
    Refusal("GET * HTTP/1.1\r\n", .malformedTarget, 400),
    Refusal("GET a HTTP/1.1\r\n", .malformedTarget, 400),
    Refusal("CONNECT a:443 HTTP/1.1\r\n", .malformedTarget, 400),
    Refusal("CONNECT / HTTP/1.1\r\n", .malformedTarget, 400),
    Refusal("CONNECT http://a/ HTTP/1.1\r\n", .malformedTarget, 400),
    Refusal("GET ftp://a/ HTTP/1.1\r\n", .malformedTarget, 400),
    Refusal("GET http:// HTTP/1.1\r\n", .malformedTarget, 400),
    Refusal("GET http://u@a/ HTTP/1.1\r\n", .malformedTarget, 400),
    Refusal("GET http://a:x/ HTTP/1.1\r\n", .malformedTarget, 400),
    Refusal("GET /#f HTTP/1.1\r\n", .malformedTarget, 400),
    Refusal("GET /% HTTP/1.1\r\n", .malformedTarget, 400),
    Refusal("GET /%4 HTTP/1.1\r\n", .malformedTarget, 400),
    Refusal("GET /%4g HTTP/1.1\r\n", .malformedTarget, 400),
    Refusal("GET /?%g0 HTTP/1.1\r\n", .malformedTarget, 400),
    Refusal("GET /é HTTP/1.1\r\n", .malformedTarget, 400),
    Refusal("GET /\0 HTTP/1.1\r\n", .malformedTarget, 400),
    Refusal(get("Host : a"), .malformedHeader, 400),
    Refusal(get("Host\t: a"), .malformedHeader, 400),
    Refusal(get("Host: a", ": b"), .malformedHeader, 400),
    Refusal(get("Host: a", "X"), .malformedHeader, 400),
    Refusal(get("Host: a", "X Y: b"), .malformedHeader, 400),
    Refusal(get("Host: a", "X(: b"), .malformedHeader, 400),
    Refusal(get("Host: a", "Ü: b"), .malformedHeader, 400),
    Refusal(get("Host: a", "X: a\rb"), .malformedHeader, 400),
    Refusal(get("Host: a", "X: a\r"), .malformedHeader, 400),
    Refusal(get("Host: a", "X: a\0b"), .malformedHeader, 400),
    Refusal(get("Host: a", "X: a\u{7f}"), .malformedHeader, 400),
    Refusal(get("Host: a", "X: a\u{01}"), .malformedHeader, 400),
    Refusal(get("Host: a", "X: a\nY: b"), .bareLineFeed, 400),
    Refusal(get("Host: a", "X: a", " b"), .foldedHeader, 400),
    Refusal(get(" Host: a"), .foldedHeader, 400),
    Refusal(get("\tHost: a"), .foldedHeader, 400),
    Refusal(get(), .missingHost, 400),
    Refusal(get("Host: a", "Host: a"), .repeatedHost, 400),
    Refusal("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", .repeatedHost, 400),
    Refusal(get("Host: a b"), .malformedHost, 400),
    Refusal(get("Host: a/b"), .malformedHost, 400),
    Refusal(get("Host: a@b"), .malformedHost, 400),
    Refusal(get("Host: a:b"), .malformedHost, 400),
    Refusal(get("Host: a:123456"), .malformedHost, 400),
    Refusal(get("Host: [::1"), .malformedHost, 400),
    Refusal(get("Host: []"), .malformedHost, 400),
    Refusal(get("Host: [a]"), .malformedHost, 400),
    Refusal(get("Host: [:1]"), .malformedHost, 400),
    Refusal(get("Host: [1:]"), .malformedHost, 400),
    Refusal(get("Host: [:::]"), .malformedHost, 400),
    Refusal(get("Host: [1::2::3]"), .malformedHost, 400),
    Refusal(get("Host: [12345::]"), .malformedHost, 400),
    Refusal(get("Host: [g::]"), .malformedHost, 400),
    Refusal(get("Host: [1:2:3:4:5:6:7]"), .malformedHost, 400),
    Refusal(get("Host: [1:2:3:4:5:6:7:8:9]"), .malformedHost, 400),
    Refusal(get("Host: [1:2:3:4::5:6:7:8]"), .malformedHost, 400),
    Refusal(get("Host: [1:2:3:4:5:6:7:1.2.3.4]"), .malformedHost, 400),
    Refusal(get("Host: [::1.2.3]"), .malformedHost, 400),
    Refusal(get("Host: [::1.2.3.256]"), .malformedHost, 400),
    Refusal(get("Host: [::1.2.3.04]"), .malformedHost, 400),
    Refusal(get("Host: [1.2.3.4::]"), .malformedHost, 400),
    Refusal(get("Host: [fe80::1%25eth0]"), .malformedHost, 400),
    Refusal(get("Host: [v.a]"), .malformedHost, 400),
    Refusal(get("Host: [v1.]"), .malformedHost, 400),
    Refusal(get("Host: [::1]a"), .malformedHost, 400),
    Refusal(get("Host: a%2"), .malformedHost, 400),
]

let refusedFraming: [Refusal] = [
    Refusal(get("Host: a", "Content-Length: 1", "Content-Length: 1"), .repeatedContentLength, 400),
    Refusal(get("Host: a", "Content-Length: 1, 1"), .malformedContentLength, 400),
    Refusal(get("Host: a", "Content-Length:"), .malformedContentLength, 400),
    Refusal(get("Host: a", "Content-Length: +1"), .malformedContentLength, 400),
    Refusal(get("Host: a", "Content-Length: -1"), .malformedContentLength, 400),
    Refusal(get("Host: a", "Content-Length: 0x1"), .malformedContentLength, 400),
    Refusal(get("Host: a", "Content-Length: 1 1"), .malformedContentLength, 400),
    Refusal(get("Host: a", "Content-Length: 1.0"), .malformedContentLength, 400),
    Refusal(get("Host: a", "Content-Length: 18446744073709551617"), .malformedContentLength, 400),
    Refusal(
        get("Host: a", "Content-Length: 999999999999999999"),
        .bodyTooLong(limit: HTTPLimits().maxBodyBytes), 413),
    Refusal(
        get("Host: a", "Content-Length: 1", "Transfer-Encoding: chunked"),
        .contentLengthWithTransferEncoding, 400),
    Refusal(
        get("Host: a", "Transfer-Encoding: identity", "Content-Length: 1"),
        .contentLengthWithTransferEncoding, 400),
    Refusal(get("Host: a", "Transfer-Encoding: gzip"), .unsupportedTransferEncoding, 501),
    Refusal(get("Host: a", "Transfer-Encoding: gzip, chunked"), .unsupportedTransferEncoding, 501),
    Refusal(get("Host: a", "Transfer-Encoding:"), .unsupportedTransferEncoding, 501),
    Refusal(get("Host: a", "Transfer-Encoding: chunked;a"), .unsupportedTransferEncoding, 501),
    Refusal(
        get("Host: a", "Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
        .unsupportedTransferEncoding, 501),
    Refusal(
        "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", .transferEncodingBefore11, 400),
    Refusal(get("Host: a", "Expect: 200-ok"), .unsupportedExpectation, 417),
    Refusal(
        get("Host: a", "Expect: 100-continue", "Expect: 100-continue"), .unsupportedExpectation, 417
    ),
    Refusal(chunked("\r\n"), .malformedChunk, 400),
    Refusal(chunked("g\r\n"), .malformedChunk, 400),
    Refusal(chunked("-1\r\n"), .malformedChunk, 400),
    Refusal(chunked("0x1\r\n"), .malformedChunk, 400),
    Refusal(chunked(" 1\r\n"), .malformedChunk, 400),
    Refusal(chunked("1 \r\n"), .malformedChunk, 400),
    Refusal(chunked("1;\r\n"), .malformedChunk, 400),
    Refusal(chunked("1;a=\r\n"), .malformedChunk, 400),
    Refusal(chunked("1;a=\"b\r\n"), .malformedChunk, 400),
    Refusal(chunked("1;a=\"b\\\r\n"), .malformedChunk, 400),
    Refusal(chunked("1;a b\r\n"), .malformedChunk, 400),
    Refusal(chunked("1;a\0\r\n"), .malformedChunk, 400),
    Refusal(chunked("1;a\rb\r\n"), .malformedChunk, 400),
    Refusal(chunked("1\nx\r\n"), .bareLineFeed, 400),
    Refusal(chunked("1\r\nxy\r\n"), .malformedChunk, 400),
    Refusal(chunked("1\r\nx\n"), .malformedChunk, 400),
    Refusal(chunked("1\r\nx\r\r"), .malformedChunk, 400),
    Refusal(chunked("1\r\nxy\n0\r\n\r\n"), .malformedChunk, 400),
    Refusal(chunked("1\r\nx\ry0\r\n\r\n"), .malformedChunk, 400),
    Refusal(chunked("1\r\nx0\r\n\r\n"), .malformedChunk, 400),
    Refusal(chunked("0000000000000001\r\n"), .malformedChunk, 400),
    Refusal(chunked("ffffffffffffffff\r\n"), .malformedChunk, 400),
    Refusal(
        chunked("fffffffffffffff\r\n"), .bodyTooLong(limit: HTTPLimits().maxBodyBytes), 413),
    Refusal(chunked("0\r\nX\r\n\r\n"), .malformedTrailer, 400),
    Refusal(chunked("0\r\n X: 1\r\n\r\n"), .malformedTrailer, 400),
    Refusal(chunked("0\r\nX: 1\n\r\n"), .bareLineFeed, 400),
    Refusal(chunked("0\r\nX : 1\r\n\r\n"), .malformedTrailer, 400),
    Refusal(chunked("0\r\nX: 1\0\r\n\r\n"), .malformedTrailer, 400),
    Refusal(chunked("0\r\nContent-Length: 9\r\n\r\n"), .forbiddenTrailer, 400),
    Refusal(chunked("0\r\ntransfer-ENCODING: chunked\r\n\r\n"), .forbiddenTrailer, 400),
    Refusal(chunked("0\r\nX: 1\r\nHost: b\r\n\r\n"), .forbiddenTrailer, 400),
    Refusal(chunked("0\r\nConnection: close\r\n\r\n"), .forbiddenTrailer, 400),
]
