import HTTPTypes
import Testing

@testable import HTTPMessages

private let plain = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

@Suite struct ServerConnectionTests {
    @Test func `a request is answered and the connection kept`() throws {
        let driver = ConnectionDriver()
        driver.receive(plain)
        driver.respond(try #require(driver.asked.first))
        #expect(driver.text.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(driver.text.hasSuffix("\r\n\r\n<0>"))
        #expect(!driver.text.contains("Connection:"))
        #expect(!driver.isClosed)
        driver.receive(plain)
        #expect(driver.asked.count == 2)
    }

    @Test func `answers leave in the order of the requests`() {
        let driver = ConnectionDriver()
        driver.receive(plain + plain + plain)
        #expect(driver.asked.count == 3)
        driver.respond(driver.asked[2])
        driver.respond(driver.asked[1])
        #expect(driver.output.isEmpty)
        driver.respond(driver.asked[0])
        #expect(bodies(driver.text) == ["<0>", "<1>", "<2>"])
    }

    @Test func `a second answer and an unknown one are dropped`() {
        let driver = ConnectionDriver()
        driver.receive(plain)
        driver.respond(driver.asked[0])
        let once = driver.output
        driver.respond(driver.asked[0])
        driver.respond(RequestID(ordinal: 7))
        #expect(driver.output == once)
    }

    @Test func `HEAD is answered with the length and without the body`() {
        let driver = ConnectionDriver()
        driver.receive("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
        driver.respond(driver.asked[0], body: [1, 2, 3, 4])
        #expect(driver.text.contains("Content-Length: 4\r\n"))
        #expect(driver.text.hasSuffix("\r\n\r\n"))
    }

    @Test(arguments: [16 * 1024 - 1, 16 * 1024, 16 * 1024 + 1])
    func `a large body leaves as its own piece, a small one with its head`(count: Int) {
        var machine = ServerConnection(now: 0)
        _ = machine.receive(Array(plain.utf8).span, now: 0)
        let response = HTTPResponseMessage(
            status: .ok, body: [UInt8](repeating: 65, count: count))
        let actions = machine.respond(
            to: RequestID(ordinal: 0), response, date: ConnectionDriver.date, now: 0)
        let pieces = actions.compactMap { action -> [UInt8]? in
            if case .write(let bytes) = action { bytes } else { nil }
        }
        #expect(pieces.count == (count > 16 * 1024 ? 2 : 1))
        #expect(pieces.joined().suffix(count).allSatisfy { $0 == 65 })
    }

    @Test(
        arguments: [
            ("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "close"),
            ("GET / HTTP/1.0\r\n\r\n", "close"),
            ("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "keep-alive"),
            (plain, nil),
        ] as [(String, String?)])
    func `the answer says what becomes of the connection`(text: String, said: String?) {
        let driver = ConnectionDriver()
        driver.receive(text)
        driver.respond(driver.asked[0])
        #expect(driver.text.contains("Connection: ") == (said != nil))
        if let said { #expect(driver.text.contains("\r\nConnection: \(said)\r\n")) }
        #expect(driver.isClosed == (said == "close"))
        #expect(!driver.hasFinishedWriting)
    }

    @Test func `nothing after a request that asks to close is served`() {
        let driver = ConnectionDriver()
        driver.receive("GET / HTTP/1.0\r\n\r\n" + plain)
        driver.receive(plain)
        #expect(driver.asked.count == 1)
        driver.respond(driver.asked[0])
        #expect(bodies(driver.text) == ["<0>"])
        #expect(driver.hasFinishedWriting, "bytes are under way: the answer must survive them")
        #expect(!driver.isClosed)
    }

    @Test func `a refused request is answered after those before it, then the end lingers`() {
        let driver = ConnectionDriver()
        driver.receive(plain + "BAD\r\n")
        #expect(driver.errors == [.malformedRequestLine])
        driver.respond(driver.asked[1], status: .badRequest)
        #expect(driver.output.isEmpty)
        driver.respond(driver.asked[0])
        #expect(bodies(driver.text) == ["<0>", "<1>"])
        #expect(driver.text.components("Connection: close") == 1)
        #expect(driver.hasFinishedWriting)
        #expect(!driver.isClosed)
        driver.receive(plain)
        #expect(driver.asked.count == 2)
        driver.eof()
        #expect(driver.isClosed)
    }

    @Test func `a refused HEAD gets no body`() {
        let driver = ConnectionDriver()
        driver.receive("HEAD / HTTP/1.1\r\n\r\n")
        #expect(driver.errors == [.missingHost])
        driver.respond(driver.asked[0], status: .badRequest)
        #expect(driver.text.hasSuffix("\r\n\r\n"))
    }

    @Test func `the peer's end closes an idle connection and refuses half a request`() {
        let idle = ConnectionDriver()
        idle.eof()
        #expect(idle.isClosed)
        let cut = ConnectionDriver()
        cut.receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab")
        cut.eof()
        #expect(cut.errors == [.truncated])
        cut.respond(cut.asked[0], status: .badRequest)
        #expect(cut.isClosed)
    }

    @Test func `100 Continue is said once, and only when the client waits`() {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
        let waits = ConnectionDriver()
        waits.receive(head)
        #expect(waits.text == "HTTP/1.1 100 Continue\r\n\r\n")
        waits.receive("h")
        waits.receive("i")
        #expect(waits.text == "HTTP/1.1 100 Continue\r\n\r\n")
        #expect(waits.asked.count == 1)
        let sends = ConnectionDriver()
        sends.receive(head + "hi")
        #expect(sends.output.isEmpty)
    }

    @Test func `100 Continue waits for the answers before it`() {
        let driver = ConnectionDriver()
        driver.receive(
            plain
                + "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
        )
        #expect(driver.output.isEmpty)
        driver.respond(driver.asked[0])
        #expect(driver.text.hasSuffix("<0>HTTP/1.1 100 Continue\r\n\r\n"))
    }

    @Test func `a body that is too long is refused without 100 Continue`() {
        let driver = ConnectionDriver()
        driver.receive(
            "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                + "Content-Length: 99999999999\r\n\r\n"
        )
        #expect(driver.output.isEmpty)
        #expect(driver.errors == [.bodyTooLong(limit: HTTPLimits().maxBodyBytes)])
    }
}

/// The bodies of answers that hold `<ordinal>`.
func bodies(_ text: String) -> [String] {
    text.split(separator: "\r\n\r\n", omittingEmptySubsequences: false).dropFirst().compactMap {
        $0.hasPrefix("<") ? String($0.prefix { $0 != ">" }) + ">" : nil
    }
}

extension String {
    /// The number of times that `part` occurs.
    func components(_ part: String) -> Int {
        split(separator: part, omittingEmptySubsequences: false).count - 1
    }
}
