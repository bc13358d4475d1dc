import Batching
import Dispatch
import HTTPTypes
import Predictions
import Synchronization
import Testing

@testable import HTTPMessages
@testable import Service
@testable import Sockets

/// Connections over loopback, while a gate holds the batcher's queue.
@Suite final class ConnectionTableTests {
    private let server: TestLoop
    private let gate = Gate()
    private let body: [UInt8]

    init() throws {
        let desk = try TestDesk(models: ["digits-mhp"])
        body = TestRows(1, width: try #require(desk.model()).summary.inputCount).json()
        server = try TestLoop(desk.shared)
        // Nothing that a client asks for is computed until the gate opens.
        _ = try #require(
            desk.begin(
                try Requests.message("POST /predict", body: body), gate.replies, connection: 1000))
        try #require(gate.isReached())
    }

    deinit {
        gate.open()
        server.stop()
    }

    /// Whether so many rows wait for the batcher.
    private func waits(_ rows: Int) -> Bool {
        eventually { server.shared.executor.waitingRows == rows }
    }

    /// A flag that the loop sets.
    private final class Flag: Sendable {
        private let state = Atomic<Bool>(false)
        func set() { state.store(true, ordering: .releasing) }
        var isSet: Bool { state.load(ordering: .acquiring) }
    }

    private func drain() throws -> Flag {
        let flag = Flag()
        try server.onTable { table in table.drain { flag.set() } }
        return flag
    }

    // MARK: Answers

    @Test func `a request is answered over its connection`() throws {
        let client = try server.connect()
        try client.ask("GET /health/live")
        #expect(try client.answer().hasPrefix("HTTP/1.1 200 OK\r\n"))
        try client.ask("POST /predict", body: body)
        #expect(waits(1))
        gate.open()
        let answer = try client.answer()
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.contains("\r\nServer-Timing: "))
    }

    @Test func `an answer waits for those before it`() throws {
        let client = try server.connect()
        try client.ask("POST /predict", body: body)
        try client.ask("GET /health/live")
        #expect(waits(1))
        gate.open()
        let first = try client.answer()
        #expect(first.contains(#""predictions""#))
    }

    /// The name of a connection whose client leaves while its request waits.
    private func leave() throws -> ConnectionID {
        do {
            let client = try server.connect()
            try client.ask("POST /predict", body: body)
            #expect(waits(1))
            _ = consume client
        }
        #expect(waits(0))
        try server.settle()
        return try #require(server.latestConnection)
    }

    private func answers(_ code: Int) -> Double? {
        let labels = #"route="/predict",model="digits-mhp",code="\#(code)""#
        return server.metric("headserve_requests_total{\(labels)}")
    }

    @Test func `an answer to a client that has left has no effect`() throws {
        let left = try leave()
        #expect(server.metric("headserve_cancelled_total") == 1)
        #expect(server.metric("headserve_inflight_requests") == 1, "the gate's own request")
        // Another client has the place of the first, and a request of the same ordinal.
        let client = try server.connect()
        try client.ask("POST /predict", body: body)
        #expect(waits(1))
        for ordinal in [UInt64(0), 1, .max] {
            try server.onTable { table in
                table.finish(left, RequestID(ordinal: ordinal), .answer(.failure(.deadline)))
                table.finish(
                    left, RequestID(ordinal: ordinal), .coded(HTTPResponseMessage(status: .ok)))
            }
        }
        #expect(server.metric("headserve_inflight_requests") == 2)
        gate.open()
        #expect(try client.answer().hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(server.metric("headserve_cancelled_total") == 1)
        #expect(server.metric("headserve_inflight_requests") == 1)
        #expect(answers(200) == 1 && answers(504) == nil)
    }

    @Test func `a second answer to a request has no effect`() throws {
        let client = try server.connect()
        try client.ask("POST /predict", body: body)
        #expect(waits(1))
        let connection = try #require(server.latestConnection)
        try server.onTable { table in
            for _ in 0..<2 {
                table.finish(connection, RequestID(ordinal: 0), .answer(.failure(.deadline)))
            }
        }
        #expect(try client.answer().hasPrefix("HTTP/1.1 504 Gateway Timeout\r\n"))
        gate.open()
        try client.ask("GET /health/live")
        #expect(try client.answer().hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answers(504) == 1 && answers(200) == 0)
        #expect(server.metric("headserve_inflight_requests") == 1)
    }

    // MARK: Drains

    @Test func `a drain without connections is over at once`() throws {
        #expect(try drain().isSet)
        #expect(try server.onTable { $0.isDraining })
    }

    @Test func `a drain is over when the last connection is gone`() throws {
        let idle = try server.connect()
        let busy = try server.connect()
        let other = try server.connect()
        try idle.ask("GET /health/live")
        _ = try idle.answer()
        try busy.ask("POST /predict", body: body)
        try other.ask("POST /predict", body: body)
        #expect(waits(2))
        let drained = try drain()
        #expect(try idle.receiveAll(limit: 1, timeout: patience).isEmpty, "idle ones close at once")
        #expect(!drained.isSet)
        gate.open()
        for last in [try busy.answer(), try other.answer()] {
            #expect(last.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(last.contains("\r\nConnection: close\r\n"))
        }
        try busy.finishWriting()
        #expect(try busy.receiveAll(limit: 1, timeout: patience).isEmpty)
        try server.settle()
        #expect(!drained.isSet, "one more is open")
        try other.finishWriting()
        #expect(eventually { drained.isSet })
    }

    @Test func `a client that leaves ends a drain that waits for it`() throws {
        let drained: Flag
        do {
            let client = try server.connect()
            try client.ask("POST /predict", body: body)
            #expect(waits(1))
            drained = try drain()
            #expect(!drained.isSet)
            _ = consume client
        }
        #expect(eventually { drained.isSet })
        #expect(waits(0))
    }

    /// It connects and asks while the loop is busy, so the drain has begun when the loop looks.
    @Test func `a client that comes during a drain is answered and let go`() throws {
        let drained = try drain()
        #expect(drained.isSet)
        let busy = DispatchSemaphore(value: 0)
        server.thread.handle.execute { _ in
            _ = busy.wait(timeout: .now() + .seconds(patienceSeconds))
        }
        let asking = try server.connect()
        try asking.ask("GET /health/live")
        let silent = try server.connect()
        busy.signal()
        #expect(try asking.answer().hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(try asking.receiveAll(limit: 1, timeout: patience).isEmpty)
        #expect(try silent.receiveAll(limit: 1, timeout: patience).isEmpty)
    }

    @Test func `no drain waits for the admin port`() throws {
        let admin = try server.connectToAdmin()
        try admin.ask("GET /health/live")
        #expect(try admin.answer().hasPrefix("HTTP/1.1 200 OK\r\n"))
        let client = try server.connect()
        try client.ask("POST /predict", body: body)
        #expect(waits(1))
        let drained = try drain()
        #expect(!drained.isSet)
        gate.open()
        _ = try client.answer()
        try client.finishWriting()
        #expect(eventually { drained.isSet })
        try admin.ask("GET /metrics")
        let answer = try admin.answer()
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(!answer.contains("\r\nConnection: close\r\n"))
    }

    @Test func `an admin connection that ends is not counted as a client's`() throws {
        do {
            let admin = try server.connectToAdmin()
            try admin.ask("GET /health/live")
            _ = try admin.answer()
            _ = consume admin
        }
        let client = try server.connect()
        try client.ask("POST /predict", body: body)
        #expect(waits(1))
        try server.settle()
        let drained = try drain()
        #expect(!drained.isSet, "the client's connection is open")
    }

    @Test func `the admin port has probes and metrics alone`() throws {
        let admin = try server.connectToAdmin()
        for (path, status) in [
            ("/health/live", "200 OK"), ("/metrics", "200 OK"), ("/v1/models", "404 Not Found"),
            ("/openapi.yaml", "404 Not Found"),
        ] {
            try admin.ask("GET \(path)")
            #expect(try admin.answer().hasPrefix("HTTP/1.1 \(status)\r\n"), "\(path)")
        }
    }
}
