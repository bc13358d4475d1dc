import Testing

@testable import Clients

@Suite struct KeepAliveClientTests {
    static func isWhole(_ answer: String) throws(KeepAliveClientError) -> Bool {
        try KeepAliveClient.isWhole(Array(answer.utf8))
    }

    @Test func `an answer is whole with the last byte that its head announces`() throws {
        let whole = "HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 5\r\n\r\nhello"
        for length in 0..<whole.utf8.count {
            #expect(try !KeepAliveClient.isWhole(Array(whole.utf8.prefix(length))))
        }
        #expect(try Self.isWhole(whole))
        #expect(try Self.isWhole("HTTP/1.1 200 OK\r\ncontent-LENGTH: 0\r\n\r\n"))
    }

    @Test(arguments: [
        (
            "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
            "the server answers: http/1.1 503 service unavailable"
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            "the server answers: an answer without Content-Length"
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
            "the server answers: an answer without Content-Length"
        ),
    ])
    func `an answer that is not to be measured is refused`(
        _ answer: String, _ reason: String
    ) throws {
        let error = #expect(throws: KeepAliveClientError.self) { try Self.isWhole(answer) }
        #expect(try "\(#require(error))" == reason)
    }
}
