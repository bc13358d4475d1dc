import Dispatch
import HTTPMessages
import HTTPTypes
import Testing

@testable import Sockets

/// HTTP over real loopback sockets: proof that the two modules fit.
@Suite struct HTTPGlueTests {
    private static let echo: AnsweringConnection.Service = { request in
        switch request {
        case .success(let message):
            var response = HTTPResponseMessage(
                status: .ok, body: Array(message.head.path.utf8) + message.body)
            response.append(.contentType, literal: "text/plain")
            return response
        case .failure(let error):
            return HTTPResponseMessage(
                status: HTTPResponse.Status(code: error.status),
                body: Array(error.description.utf8))
        }
    }

    private func start(limits: HTTPLimits = HTTPLimits()) throws -> TestServer {
        let worker = DispatchQueue(label: "worker", attributes: .concurrent)
        return try TestServer { connection, log in
            AnsweringConnection(
                connection, limits: limits, worker: worker, log: log, service: Self.echo)
        }
    }

    @Test func `a request is answered and the connection kept`() throws {
        let server = try start()
        defer { server.stop() }
        let client = try server.connect()
        for path in ["/a", "/b"] {
            try client.send(
                Array("GET \(path) HTTP/1.1\r\nHost: h\r\n\r\n".utf8), timeout: patience)
            let answer = try client.receive(maximum: 4096, timeout: patience)
            let text = String(decoding: answer, as: UTF8.self)
            #expect(text.hasPrefix("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nDate: "))
            #expect(text.hasSuffix("Content-Length: 2\r\n\r\n\(path)"))
        }
    }

    @Test func `pipelined requests are answered in order by many threads`() throws {
        var limits = HTTPLimits()
        limits.maxPipelinedRequests = 4
        let server = try start(limits: limits)
        defer { server.stop() }
        let client = try server.connect()
        let requests = (0..<300).map {
            "GET /<\($0)> HTTP/1.1\r\nHost: h\r\n\($0 < 299 ? "" : "Connection: close\r\n")\r\n"
        }
        .map { $0.replacing("<", with: "(").replacing(">", with: ")") }
        try client.send(Array(requests.joined().utf8), timeout: patience)
        try client.finishWriting()
        let text = String(
            decoding: try client.receiveAll(limit: 1_000_000, timeout: patience), as: UTF8.self)
        let order = text.split(separator: "\r\n\r\n/(").dropFirst().map { $0.prefix { $0 != ")" } }
        #expect(order.map(String.init) == (0..<300).map(String.init))
    }

    @Test func `a large body goes there and back`() throws {
        let server = try start()
        defer { server.stop() }
        let client = try server.connect(receiveBufferBytes: 8192)
        let body = [UInt8](repeating: 65, count: 3_000_000)
        try client.send(
            Array(
                "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 3000000\r\n\r\n"
                    .utf8) + body, timeout: patience)
        let answer = try client.receiveAll(limit: 4_000_000, timeout: 6 * patience)
        #expect(answer.suffix(3_000_000).allSatisfy { $0 == 65 })
        #expect(answer.count > 3_000_000)
        #expect(server.log.wait { $0 == .closed(.finished) })
    }

    /// The client goes on sending after the refusal and must be able to read the answer.
    @Test func `a refusal reaches a client that is still sending`() throws {
        var limits = HTTPLimits()
        limits.maxBodyBytes = 1000
        // The server must not give the client up before that has sent and read everything.
        limits.lingerTimeout = 2 * patience
        let server = try start(limits: limits)
        defer { server.stop() }
        let client = try server.connect()
        let body = [UInt8](repeating: 65, count: 2_000_000)
        try client.send(
            Array("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2000000\r\n\r\n".utf8) + body,
            timeout: patience)
        try client.finishWriting()
        let text = String(
            decoding: try client.receiveAll(limit: 10_000, timeout: patience), as: UTF8.self)
        #expect(text.hasPrefix("HTTP/1.1 413 "))
        #expect(text.hasSuffix("the body is longer than 1000 bytes"))
        #expect(server.log.wait { $0 == .closed(.finished) })
    }

    @Test func `a slow head gets its 408 by the real clock`() throws {
        var limits = HTTPLimits()
        limits.headerTimeout = 2_000_000
        let server = try start(limits: limits)
        defer { server.stop() }
        let client = try server.connect()
        try client.send(Array("GET / HT".utf8), timeout: patience)
        let answer = try client.receiveAll(limit: 10_000, timeout: patience)
        #expect(String(decoding: answer, as: UTF8.self).hasPrefix("HTTP/1.1 408 "))
    }

    @Test func `a drained connection ends`() throws {
        let server = try start()
        defer { server.stop() }
        let client = try server.connect()
        let id = try server.log.nextAccepted()
        try server.thread.handle.sync { loop in
            guard let connection = loop.connection(id) else { return }
            (connection.delegate as? AnsweringConnection)?.beginDrain()
        }
        #expect(try client.receiveAll(limit: 1, timeout: patience).isEmpty)
        #expect(server.log.next() == .closed(.finished))
    }
}
