import Batching
import Dispatch
import HTTPTypes
import Logs
import Predictions
import Testing

@testable import HTTPMessages
@testable import Service
@testable import Sockets

/// Answers that are coded off the loop, and the room for bodies and answers, over loopback.
@Suite final class HTTPConnectionTests {
    private let desk: TestDesk
    private let server: TestLoop
    private let gate = Gate()
    private let log = TestLog()
    /// A document that is long enough to be coded off the loop.
    private let document = Array(repeatElement("0123456789abcdef\n", count: 8192).joined().utf8)

    init() throws {
        var options = ServiceOptions()
        options.openAPI = document
        options.log = log.sink
        options.accessLog = .text
        desk = try TestDesk(options, models: ["digits-mhp"])
        server = try TestLoop(desk.shared)
    }

    deinit {
        gate.open()
        server.stop()
    }

    private var shared: SharedService { server.shared }

    /// Asks for the document in gzip.
    private func askForDocument(_ client: borrowing ClientSocket) throws {
        try client.send(
            Array(
                "GET /openapi.yaml HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n".utf8),
            timeout: patience)
    }

    private func holdCompression() throws {
        let message = HTTPResponseMessage(status: .ok, body: document)
        #expect(shared.compression.add(message, for: Requests.inFlight(gate.replies)))
        try #require(gate.isReached())
    }

    /// Statuses and bytes of the log's lines.
    private func lines() -> [[String]] { log.lines(["route", "status", "bytes"]) }

    private func requests(_ route: String, _ code: Int) -> Double? {
        server.metric(
            #"headserve_requests_total{route="\#(route)",model="",code="\#(code)"}"#)
    }

    // MARK: Coding

    @Test func `a long answer is coded beside the loop and counted once`() throws {
        try holdCompression()
        let client = try server.connect()
        try askForDocument(client)
        #expect(eventually { requests("/openapi.yaml", 200) == 1 }, "counted before it is coded")
        #expect(server.metric("headserve_inflight_requests") == 0)
        let other = try server.connect()
        try other.ask("GET /health/live")
        #expect(try other.answer().hasPrefix("HTTP/1.1 200 OK\r\n"), "the loop goes on")
        gate.open()
        let answer = try client.answer()
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer.contains("\r\nContent-Encoding: gzip\r\n"))
        #expect(answer.contains("\r\nVary: Accept-Encoding\r\n"))
        #expect(requests("/openapi.yaml", 200) == 1)
        let encoder = try #require(GzipEncoder())
        let count = try #require(encoder.encode(document)).count
        #expect(answer.contains("\r\nContent-Length: \(count)\r\n"))
        try server.settle()
        let written = lines()
        #expect(
            written == [
                ["route=/health/live", "status=200", "bytes=17"],
                ["route=/openapi.yaml", "status=200", "bytes=\(count)"],
            ])
    }

    @Test func `a client that leaves while its answer is coded has a line and no second count`()
        throws
    {
        try holdCompression()
        do {
            let client = try server.connect()
            try askForDocument(client)
            #expect(eventually { requests("/openapi.yaml", 200) == 1 })
            _ = consume client
        }
        let drained = Drained()
        try server.onTable { table in table.drain { drained.set() } }
        #expect(eventually { drained.isSet })
        #expect(server.metric("headserve_cancelled_total") == 0)
        #expect(server.metric("headserve_inflight_requests") == 0)
        #expect(requests("/openapi.yaml", 200) == 1)
        gate.open()
        let written = lines()
        #expect(written == [["route=/openapi.yaml", "status=499", "bytes=0"]])
    }

    private final class Drained: Sendable {
        private let state = DispatchSemaphore(value: 0)
        func set() { state.signal() }
        var isSet: Bool { state.wait(timeout: .now()) == .success }
    }

    // MARK: Room

    /// Holds as many bytes as there may be, and the reserve on top.
    private func fill(over excess: Int) -> Int {
        let count = shared.heldBytes.limit + shared.heldBytes.limit / 4 + excess
        shared.heldBytes.change(by: count)
        return count
    }

    @Test(arguments: 0...1) func `no prediction begins when there is no room`(excess: Int) throws {
        let width = try #require(desk.model()).summary.inputCount
        let client = try server.connect()
        let count = fill(over: excess)
        try client.ask("GET /health/live")
        #expect(try client.answer().hasPrefix("HTTP/1.1 200 OK\r\n"), "probes need none")
        // Its own body is what fills the rest, but the head is looked at first.
        try client.ask("POST /predict", body: TestRows(1, width: width).json())
        let answer = try client.answer()
        #expect(answer.hasPrefix(excess > 0 ? "HTTP/1.1 503 " : "HTTP/1.1 "))
        #expect(answer.contains("\r\nRetry-After: 1\r\n") || excess == 0)
        shared.heldBytes.change(by: -count)
        let other = try server.connect()
        try other.ask("POST /predict", body: TestRows(1, width: width).json())
        #expect(try other.answer().hasPrefix("HTTP/1.1 200 OK\r\n"))
    }

    @Test func `an answer for which there is no room any more is refused`() throws {
        let width = try #require(desk.model()).summary.inputCount
        let body = TestRows(1, width: width).json()
        _ = try #require(
            desk.begin(
                try Requests.message("POST /predict", body: body), gate.replies, connection: 1000))
        try #require(gate.isReached())
        let client = try server.connect()
        try client.ask("POST /predict", body: body)
        #expect(eventually { shared.executor.waitingRows == 1 })
        let count = fill(over: 1)
        gate.open()
        let answer = try client.answer()
        #expect(answer.hasPrefix("HTTP/1.1 503 ") && answer.contains(#""code":"out_of_room""#))
        shared.heldBytes.change(by: -count)
        try client.ask("POST /predict", body: body)
        #expect(try client.answer().hasPrefix("HTTP/1.1 200 OK\r\n"))
    }

    @Test func `a long body is shed when there is no room for it`() throws {
        let client = try server.connect()
        let head = "POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n"
        try client.send(
            Array(head.utf8) + [UInt8](repeating: 0x20, count: 200_000), timeout: patience)
        #expect(eventually { !isRoom(for: shared.heldBytes.limit - 200_000 + 1) }, "it is held")
        shared.heldBytes.change(by: shared.heldBytes.limit)
        try client.send([0x20], timeout: patience)
        let answer = try client.answer()
        #expect(answer.hasPrefix("HTTP/1.1 503 ") && answer.contains("\r\nConnection: close\r\n"))
        try client.finishWriting()
        shared.heldBytes.change(by: -shared.heldBytes.limit)
        #expect(eventually { isRoom(for: shared.heldBytes.limit) }, "nothing is held any more")
    }

    /// Whether so many bytes more would not go over the limit.
    private func isRoom(for count: Int) -> Bool {
        shared.heldBytes.change(by: count)
        defer { shared.heldBytes.change(by: -count) }
        return !shared.heldBytes.isOver
    }
}
