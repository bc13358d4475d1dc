import HTTPTypes
import Testing

@testable import HTTPMessages

@Suite struct ResponseTests {
    private let date = HTTPDate(unixSeconds: 784_111_777)

    private func head(
        _ response: HTTPResponseMessage, _ connection: ResponseSerializer.Connection
    ) -> String {
        var bytes: [UInt8] = []
        ResponseSerializer.appendHead(
            of: response, connection: connection, date: date, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `the head is what RFC 9112 says`() throws {
        var response = HTTPResponseMessage(status: .ok, body: [1, 2, 3])
        response.append(.contentType, literal: "application/json")
        try response.append(HTTPField.Name(literal: "X-Request-Id"), "abc")
        let fields =
            "Content-Type: application/json\r\nX-Request-Id: abc\r\n"
            + "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 3\r\n"
        #expect(head(response, .persistent) == "HTTP/1.1 200 OK\r\n\(fields)\r\n")
        #expect(
            head(response, .close) == "HTTP/1.1 200 OK\r\n\(fields)Connection: close\r\n\r\n")
        #expect(
            head(response, .keepAlive)
                == "HTTP/1.1 200 OK\r\n\(fields)Connection: keep-alive\r\n\r\n")
    }

    @Test func `an empty body has a length, 204 has none`() {
        #expect(head(HTTPResponseMessage(status: .ok), .persistent).contains("Content-Length: 0"))
        let none = HTTPResponseMessage(status: .noContent)
        #expect(!head(none, .persistent).contains("Content-Length"))
        #expect(!ResponseSerializer.sendsBody(none, isHead: false))
        #expect(
            !ResponseSerializer.sendsBody(
                HTTPResponseMessage(status: .notModified), isHead: false))
        #expect(!ResponseSerializer.sendsBody(HTTPResponseMessage(status: .ok), isHead: true))
        #expect(ResponseSerializer.sendsBody(HTTPResponseMessage(status: .ok), isHead: false))
    }

    @Test(arguments: ["a\r\nb", "a\rb", "a\nb", "a\0b", "\u{7f}", "\u{1b}[0m", " a", "a ", "\ta"])
    func `a value that would break the line is refused`(value: String) {
        let name = HTTPField.Name(literal: "X-Request-Id")
        var response = HTTPResponseMessage(status: .ok)
        #expect(throws: HTTPHeaderError.illegalValue(name: "X-Request-Id")) {
            try response.append(name, value)
        }
        #expect(response.headers.count == 0)
    }

    @Test(arguments: [
        "content-length", "Transfer-Encoding", "Connection", "Date", "Keep-Alive",
    ])
    func `framing fields are the connection's alone`(text: String) throws {
        let name = try #require(HTTPField.Name(text))
        var response = HTTPResponseMessage(status: .ok)
        #expect(throws: HTTPHeaderError.framing(name: text)) { try response.append(name, "1") }
    }

    @Test func `headers keep order and case and are found without case`() throws {
        var headers = HTTPHeaders()
        try headers.append(HTTPField.Name(literal: "B"), "1")
        try headers.append(HTTPField.Name(literal: "a"), "ü")
        try headers.append(HTTPField.Name(literal: "b"), "")
        #expect(headers.pairs.map(\.name) == ["B", "a", "b"])
        #expect(headers[HTTPField.Name(literal: "A")] == "ü")
        #expect(headers.values(of: HTTPField.Name(literal: "b")) == ["1", ""])
        #expect(headers[HTTPField.Name(literal: "c")] == nil)
        #expect(!headers.contains(HTTPField.Name(literal: "bb")))
        #expect(headers != HTTPHeaders())
    }

    /// Expected values from RFC 9110 §5.6.7 and from `date -u`.
    @Test(
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (-5, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT"),
            (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
            (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
            (Int64.max, "Fri, 31 Dec 9999 23:59:59 GMT"),
        ] as [(Int64, String)])
    func `dates are IMF-fixdate`(seconds: Int64, text: String) {
        #expect(String(decoding: HTTPDate(unixSeconds: seconds).bytes, as: UTF8.self) == text)
    }
}
