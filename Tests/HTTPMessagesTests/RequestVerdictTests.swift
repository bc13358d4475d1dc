import HTTPTypes
import Testing

@testable import HTTPMessages

/// Decisions of the owner at the end of a head, before the body.
@Suite struct RequestVerdictTests {
    private struct Stranger: Error {}

    private func driver(_ limits: HTTPLimits = HTTPLimits()) -> ConnectionDriver {
        ConnectionDriver(limits: limits) { head in
            switch head.path {
            case "/closed": RequestVerdict(.refuse(Stranger()))
            case "/unread": RequestVerdict(.takeUpTo(4, otherwise: nil))
            case "/missing": RequestVerdict(.takeUpTo(4, otherwise: Stranger()))
            default: RequestVerdict(.take)
            }
        }
    }

    private func post(_ path: String, _ lines: String..., body: String = "") -> String {
        (["POST \(path) HTTP/1.1", "Host: a"] + lines).map { $0 + "\r\n" }.joined() + "\r\n" + body
    }

    private static let framings = [
        "Content-Length: 67108864", "Content-Length: 1", "Transfer-Encoding: chunked",
    ]

    @Test(arguments: framings, ["Expect: 100-continue", "X: 1"])
    func `a stranger is refused at the end of the head`(
        framing: String, other: String
    ) throws {
        let driver = driver()
        let head = post("/closed", framing, other)
        driver.receive(Array(head.utf8.dropLast()))
        #expect(driver.asked.isEmpty)
        driver.receive("\n")
        #expect(driver.refused.map(\.head.path) == ["/closed"])
        #expect(driver.output.isEmpty, "100 Continue was said")
        driver.respond(try #require(driver.asked.first), status: .unauthorized)
        #expect(driver.text.hasPrefix("HTTP/1.1 401 "))
        #expect(driver.text.contains("Connection: close\r\n"))
        #expect(driver.hasFinishedWriting)
        driver.eof()
        #expect(driver.isClosed && !driver.isAborted)
    }

    @Test func `nothing of a stranger's body is kept, nor taken for a request`() {
        let driver = driver()
        driver.receive(post("/closed", "Content-Length: 1000000", body: "x"))
        let other = post("/open", "Content-Length: 0")
        for _ in 0..<100 {
            driver.receive(other)
            #expect(driver.machine.heldBytes == 0)
        }
        #expect(driver.dispatched.isEmpty && driver.refused.count == 1)
        driver.respond(driver.asked[0])
        driver.receive(other)
        #expect(driver.asked.count == 1)
    }

    @Test func `a stranger is told after the answers before, and is the last with a body`() {
        let driver = driver()
        let bodyless = "GET /closed HTTP/1.1\r\nHost: a\r\n\r\n"
        driver.receive(
            post("/a", "Content-Length: 2", body: "hi") + bodyless
                + post("/b", "Content-Length: 0") + post("/closed", "Content-Length: 2", body: "hi")
                + post("/c", "Content-Length: 0"))
        #expect(driver.asked.count == 4)
        #expect(driver.asked.map { driver.dispatched[$0]?.head.path } == ["/a", nil, "/b", nil])
        for id in driver.asked.reversed() { driver.respond(id) }
        #expect(bodies(driver.text) == ["<0>", "<1>", "<2>", "<3>"])
        #expect(driver.text.components("Connection: close") == 1)
        #expect(driver.hasFinishedWriting)
    }

    @Test func `a refusal without a body keeps to what the client said of the connection`() {
        for (line, isClosed) in [("X: 1", false), ("Connection: close", true)] {
            let driver = driver()
            driver.receive("GET /closed HTTP/1.1\r\nHost: a\r\n\(line)\r\n\r\n")
            driver.respond(driver.asked[0], status: .forbidden)
            #expect(driver.isClosed == isClosed)
        }
    }

    @Test(arguments: ["/unread", "/missing"], -1...1)
    func `a body that nobody reads is bounded, declared`(path: String, excess: Int) {
        let driver = driver()
        let body = String(repeating: "x", count: excess > 0 ? 0 : 4 + excess)
        driver.receive(post(path, "Content-Length: \(4 + excess)", body: body))
        check(driver, path, isOver: excess > 0)
    }

    @Test(arguments: ["/unread", "/missing"], -1...1)
    func `a body that nobody reads is bounded, in chunks`(path: String, excess: Int) {
        let driver = driver()
        driver.receive(post(path, "Transfer-Encoding: chunked", body: "2\r\nxx\r\n"))
        #expect(driver.asked.isEmpty)
        let rest = String(repeating: "x", count: excess > 0 ? 0 : 2 + excess)
        driver.receive("\(2 + excess)\r\n" + (excess > 0 ? "" : rest + "\r\n0\r\n\r\n"))
        check(driver, path, isOver: excess > 0)
        #expect(driver.machine.heldBytes <= 4)
    }

    private func check(_ driver: ConnectionDriver, _ path: String, isOver: Bool) {
        #expect(driver.asked.count == 1)
        #expect(driver.dispatched.count == (isOver ? 0 : 1))
        #expect(driver.errors == (isOver && path == "/unread" ? [.bodyTooLong(limit: 4)] : []))
        #expect(driver.refused.map(\.head.path) == (isOver && path == "/missing" ? [path] : []))
    }

    @Test(arguments: [("/unread", true), ("/missing", false), ("/open", true)])
    func `nobody is told to go on towards a refusal`(path: String, goesOn: Bool) {
        let driver = driver()
        driver.receive(post(path, "Content-Length: 3", "Expect: 100-continue"))
        #expect(driver.text.hasPrefix("HTTP/1.1 100 ") == goesOn)
        #expect(driver.refused.isEmpty == goesOn)
        driver.receive("abc")
        #expect(driver.dispatched.isEmpty != goesOn)
    }

    @Test func `the bound is the request's own`() {
        let driver = driver()
        for (path, count) in [("/unread", 4), ("/open", 100), ("/missing", 4), ("/open", 100)] {
            let body = String(repeating: "x", count: count)
            driver.receive(post(path, "Content-Length: \(count)", body: body))
            driver.receive(
                post(path, "Transfer-Encoding: chunked")
                    + "\(String(count, radix: 16))\r\n\(body)\r\n0\r\n\r\n")
        }
        #expect(driver.dispatched.count == 8 && driver.errors.isEmpty)
    }

    /// Whole and byte by byte, the same becomes of each request.
    @Test func `fragmentation changes no verdict`() {
        let stream = Array(
            (post("/unread", "Content-Length: 3", body: "abc")
                + post("/open", "Content-Length: 5", body: "abcde")
                + "GET /closed HTTP/1.1\r\nHost: a\r\n\r\n"
                + post("/missing", "Content-Length: 5", body: "abcde") + post("/open")).utf8)
        func run(_ size: Int) -> (paths: [String?], refused: [ConnectionDriver.Refused]) {
            let driver = driver()
            for start in stride(from: 0, to: stream.count, by: size) {
                driver.receive(Array(stream[start..<min(stream.count, start + size)]))
                while let id = driver.waiting.first { driver.respond(id) }
            }
            return (driver.asked.map { driver.dispatched[$0]?.head.path }, driver.refused)
        }
        let whole = run(stream.count)
        #expect(whole.paths == ["/unread", "/open", nil, nil])
        for size in [1, 2, 3, 7, 64] {
            #expect(run(size).paths == whole.paths)
            #expect(run(size).refused == whole.refused)
        }
    }
}
