import Clocks
import Glibc
import Testing

@testable import Sockets

/// Far larger than the kernel's buffers on both sides.
private let largePayload = [UInt8](repeating: 0, count: 1_000_000)

private var smallBuffer: Listener.Options {
    var options = Listener.Options()
    options.sendBufferBytes = 4096
    return options
}

@Suite struct ConnectionTests {
    @Test func `what is sent comes back`() throws {
        let server = try TestServer { Echo($1) }
        defer { server.stop() }
        let client = try server.connect()
        try client.send(Array("hello".utf8), timeout: patience)
        #expect(try client.receive(maximum: 100, timeout: patience) == Array("hello".utf8))
        try client.finishWriting()
        #expect(try client.receiveAll(limit: 10, timeout: patience).isEmpty)
        #expect(server.log.wait { $0 == .closed(.finished) })
    }

    @Test func `a half-closed peer is still answered`() throws {
        let server = try TestServer { Echo($1) }
        defer { server.stop() }
        let client = try server.connect()
        try client.send([1, 2, 3], timeout: patience)
        try client.finishWriting()
        #expect(try client.receiveAll(limit: 10, timeout: patience) == [1, 2, 3])
        #expect(server.log.wait { $0 == .peerClosed })
    }

    /// The answer is far larger than both kernel buffers, so it leaves in many parts.
    @Test func `a slow reader gets every byte in order`() throws {
        let payload = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        let server = try TestServer(options: smallBuffer) { Source(payload, $1, $0) }
        defer { server.stop() }
        let client = try server.connect(receiveBufferBytes: 4096)
        try client.send([0], timeout: patience)
        let received = try client.receiveAll(limit: payload.count, timeout: 6 * patience)
        #expect(received == payload)
        #expect(server.log.wait { $0 == .closed(.finished) })
    }

    @Test func `writes of one turn arrive joined and in order`() throws {
        let server = try TestServer { connection, log in
            for byte in UInt8(0)..<200 { connection.write([byte]) }
            connection.close()
            return Echo(log)
        }
        defer { server.stop() }
        let client = try server.connect()
        #expect(try client.receiveAll(limit: 1000, timeout: patience) == Array(0..<200))
    }

    @Test func `finishing ends the sending side only`() throws {
        let server = try TestServer { connection, log in
            connection.write([7])
            connection.finishWriting()
            connection.write([8])
            return Echo(log)
        }
        defer { server.stop() }
        let client = try server.connect()
        #expect(try client.receiveAll(limit: 10, timeout: patience) == [7])
        try client.finishWriting()
        #expect(server.log.wait { $0 == .peerClosed })
        #expect(server.log.wait { $0 == .closed(.finished) })
    }

    /// Not from the start of the connection: a reset that is quicker than the client's own look at
    /// its connection ends `connect`.
    @Test func `abort drops what is queued`() throws {
        let server = try TestServer { Echo($1) }
        defer { server.stop() }
        let client = try server.connect()
        let id = try server.log.nextAccepted()
        try server.thread.handle.sync { loop in
            loop.connection(id)?.write([7])
            loop.connection(id)?.abort()
        }
        #expect(throws: SocketError.system(call: "recv", errno: ECONNRESET)) {
            try client.receiveAll(limit: 10, timeout: patience)
        }
        #expect(server.log.wait { $0 == .closed(.aborted) })
    }

    @Test func `abort with nothing queued leaves the peer what was sent`() throws {
        let server = try TestServer { Echo($1) }
        defer { server.stop() }
        let client = try server.connect()
        let id = try server.log.nextAccepted()
        try client.send([7], timeout: patience)
        #expect(server.log.wait { $0 == .drained })
        try server.thread.handle.sync { $0.connection(id)?.abort() }
        #expect(server.log.wait { $0 == .closed(.aborted) })
        #expect(try client.receiveAll(limit: 10, timeout: patience) == [7])
    }

    /// Without a reset the kernel would keep what it holds for a peer that reads none of it, and
    /// here the client would get that and then a clean end.
    @Test func `abort in the middle of an answer resets the connection`() throws {
        let server = try TestServer(options: smallBuffer) { Source(largePayload, $1, $0) }
        defer { server.stop() }
        let client = try server.connect(receiveBufferBytes: 4096)
        let id = try server.log.nextAccepted()
        try client.send([0], timeout: patience)
        #expect(try client.receive(maximum: 1, timeout: patience) == [0])
        try server.thread.handle.sync { $0.connection(id)?.abort() }
        #expect(server.log.wait { $0 == .closed(.aborted) })
        #expect(throws: SocketError.system(call: "recv", errno: ECONNRESET)) {
            try client.receiveAll(limit: largePayload.count, timeout: patience)
        }
    }

    @Test func `a peer that takes nothing of what the kernel holds loses its connection`() throws {
        var options = smallBuffer
        options.stallTimeout = 100_000_000
        let server = try TestServer(options: options) { Source(largePayload, $1, $0) }
        defer { server.stop() }
        let client = try server.connect(receiveBufferBytes: 4096)
        try client.send([0], timeout: patience)
        // The error is reported to whichever call comes first, mostly the look at the socket.
        #expect(
            server.log.wait {
                if case .closed(.failed(.system(_, ETIMEDOUT))) = $0 { true } else { false }
            })
    }

    @Test func `a paused connection reads nothing until it is resumed`() throws {
        let server = try TestServer { connection, log in
            connection.pauseReading()
            return Echo(log)
        }
        defer { server.stop() }
        let client = try server.connect()
        let id = try server.log.nextAccepted()
        try client.send([1], timeout: patience)
        try client.finishWriting()
        #expect(server.log.next() == .peerHungUp)
        try server.thread.handle.sync { $0.connection(id)?.resumeReading() }
        #expect(try client.receiveAll(limit: 10, timeout: patience) == [1])
    }

    @Test func `a vanished peer is noticed while its answer is awaited`() throws {
        let server = try TestServer { connection, log in
            connection.pauseReading()
            return Echo(log)
        }
        defer { server.stop() }
        let client = try server.connect()
        // Unread bytes make the kernel reset the connection when the client closes.
        try client.send([1], timeout: patience)
        let id = try server.log.nextAccepted()
        try server.thread.handle.sync { $0.connection(id)?.write([1]) }
        #expect(server.log.next() == .drained)
        drop(client)
        #expect(
            server.log.wait {
                if case .closed(.failed) = $0 { true } else { false }
            })
        #expect(try server.thread.handle.sync { $0.connection(id) == nil })
    }

    @Test func `the timer fires once, not early, and can be cancelled`() throws {
        let server = try TestServer { connection, log in
            connection.setTimer(at: connection.loop.now + 2_000_000)
            return Echo(log)
        }
        defer { server.stop() }
        let before = MonotonicClock.now
        let client = try server.connect()
        let id = try server.log.nextAccepted()
        #expect(server.log.next() == .timer)
        #expect(MonotonicClock.now - before >= 2_000_000)
        try server.thread.handle.sync { loop in
            loop.connection(id)?.setTimer(at: loop.now)
            loop.connection(id)?.cancelTimer()
        }
        try client.send([1], timeout: patience)
        #expect(server.log.next() == .drained)
    }

    @Test func `a connection's name means nothing to another loop`() throws {
        let servers = [try TestServer { Echo($1) }, try TestServer { Echo($1) }]
        defer { for server in servers { server.stop() } }
        let one = try servers[0].connect()
        let other = try servers[1].connect()
        let first = try servers[0].log.nextAccepted()
        let second = try servers[1].log.nextAccepted()
        #expect(first != second)
        #expect(try servers[0].thread.handle.sync { $0.connection(first) != nil })
        #expect(try servers[0].thread.handle.sync { $0.connection(second) == nil })
        drop(one)
        drop(other)
    }

    @Test func `many connections are served at once`() throws {
        let server = try TestServer { Echo($1) }
        defer { server.stop() }
        func exchange(_ depth: Int) throws {
            guard depth > 0 else { return }
            let client = try server.connect()
            try client.send([UInt8(depth)], timeout: patience)
            try exchange(depth - 1)
            #expect(try client.receive(maximum: 9, timeout: patience) == [UInt8(depth)])
        }
        try exchange(200)
    }
}

/// Sends a payload at the first byte it receives, then closes.
private final class Source: StreamConnectionDelegate {
    private let payload: [UInt8]
    private let log: EventLog

    init(_ payload: [UInt8], _ log: EventLog, _ connection: StreamConnection) {
        self.payload = payload
        self.log = log
    }

    func connection(_ connection: StreamConnection, received bytes: Span<UInt8>) {
        connection.write(payload)
        connection.close()
    }
    func connectionPeerClosed(_ connection: StreamConnection) {}
    func connectionPeerHungUp(_ connection: StreamConnection) {}
    func connection(_ connection: StreamConnection, wroteLeaving pendingBytes: Int) {}
    func connection(_ connection: StreamConnection, timerFiredAt now: UInt64) {}
    func connection(_ connection: StreamConnection, closed reason: CloseReason) {
        log.note(.closed(reason))
    }
}
