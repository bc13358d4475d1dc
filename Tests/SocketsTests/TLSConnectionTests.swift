import COpenSSL
import Clocks
import Glibc
import Testing

@testable import Sockets

/// A server of TLS and what its clients trust.
private struct TLSServer {
    let server: TestServer
    let client: TLSContext
    let folder: TestFolder
    let box: TLSContextBox

    init(
        options: Listener.Options = Listener.Options(), version: Int32 = TLS1_3_VERSION,
        clock: @escaping @Sendable () -> UInt64 = { MonotonicClock.now },
        _ makeDelegate:
            @escaping @Sendable (StreamConnection, EventLog) -> any StreamConnectionDelegate
    ) throws {
        let authority = try TestAuthority()
        let (chain, key) = try authority.issue("server")
        folder = try TestFolder()
        box = try TLSContextBox(
            files: TLSFiles(
                certificate: folder.write("certificate", chain.bytes),
                key: folder.write("key", key.bytes)),
            applicationProtocol: "http/1.1")
        var options = options
        options.tls = box
        server = try TestServer(options: options, clock: clock, makeDelegate)
        client = try authority.clientContext(highestVersion: version)
    }

    func connect(receiveBufferBytes: Int32? = nil) throws -> TLSClientSocket {
        try TLSClientSocket.begin(
            server.connect(receiveBufferBytes: receiveBufferBytes), client, timeout: patience)
    }
}

@Suite struct TLSConnectionTests {
    private static let versions = [TLS1_2_VERSION, TLS1_3_VERSION]

    @Test(arguments: versions) func `what is sent comes back`(version: Int32) throws {
        let tls = try TLSServer(version: version) { Echo($1) }
        defer { tls.server.stop() }
        let client = try tls.connect()
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        try client.send(bytes, timeout: patience)
        try client.finishWriting(timeout: patience)
        #expect(try client.receiveAll(limit: bytes.count, timeout: patience) == bytes)
        #expect(tls.server.log.wait { $0 == .peerClosed })
        #expect(tls.server.log.wait { $0 == .closed(.finished) })
    }

    /// The answer is far larger than both kernel buffers, so it leaves in many parts.
    @Test(arguments: versions) func `a slow reader gets every byte`(version: Int32) throws {
        var options = Listener.Options()
        options.sendBufferBytes = 4096
        let payload = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        let tls = try TLSServer(options: options, version: version) { connection, log in
            connection.write(payload)
            connection.finishWriting()
            return Echo(log)
        }
        defer { tls.server.stop() }
        let client = try tls.connect(receiveBufferBytes: 4096)
        #expect(
            try client.receiveAll(limit: payload.count, timeout: 6 * patience) == payload)
        try client.finishWriting(timeout: patience)
        #expect(tls.server.log.wait { $0 == .peerClosed })
        #expect(tls.server.log.wait { $0 == .closed(.finished) })
    }

    @Test func `a silent client is dropped and told to nobody`() throws {
        var options = Listener.Options()
        options.handshakeTimeout = 2_000_000
        let tls = try TLSServer(options: options) { Echo($1) }
        defer { tls.server.stop() }
        let silent = try tls.server.connect()
        #expect(try silent.receiveAll(limit: 100, timeout: patience).isEmpty)
        #expect(try tls.server.onListener { $0.connectionCount } == 0)
        #expect(tls.server.log.isEmpty)
    }

    /// However far the handshake has come, the whole has one limit.
    @Test(arguments: [0, 1, 100]) func `a handshake has ten seconds, to the nanosecond`(
        greetingBytes: Int
    ) throws {
        let failures = Handover<SocketError>()
        var options = Listener.Options()
        options.onHandshakeFailure = { failures.put($0) }
        let limit = options.handshakeTimeout
        #expect(limit == 10_000_000_000)
        let clock = MovedClock()
        let tls = try TLSServer(options: options, clock: { clock.now }) { Echo($1) }
        defer { tls.server.stop() }
        let client = try tls.server.connect()
        #expect(eventually { try tls.server.onListener { $0.connectionCount } == 1 })
        try clock.move(to: 1_000 + limit / 2, tls.server.thread.handle)
        let greeting = try TLSStream(tls.client)
        _ = greeting.receive([UInt8]().span)
        let bytes = try #require(greeting.next?.bytes)
        try client.send(Array(bytes.prefix(greetingBytes)), timeout: patience)
        try clock.move(to: 1_000 + limit - 1, tls.server.thread.handle)
        #expect(try tls.server.onListener { $0.connectionCount } == 1)
        #expect(failures.isEmpty)
        try clock.move(to: 1_000 + limit, tls.server.thread.handle)
        #expect(try tls.server.onListener { $0.connectionCount } == 0)
        #expect(failures.take() == .tls(.handshakeTimeout(nanoseconds: limit)))
        #expect(try client.receiveAll(limit: 100, timeout: patience).isEmpty)
        #expect(tls.server.log.isEmpty)
    }

    /// Every byte is news, and yet the whole has one limit.
    @Test func `a client that drips its greeting is dropped`() throws {
        var options = Listener.Options()
        options.handshakeTimeout = 20_000_000
        let tls = try TLSServer(options: options) { Echo($1) }
        defer { tls.server.stop() }
        let slow = try tls.server.connect()
        #expect(throws: SocketError.self) {
            // A record's head that promises more bytes than are ever sent, one at a time.
            let record: [UInt8] = [22, 3, 1, 64, 0, 1, 0, 63, 252]
            for index in 0..<16_000 {
                try slow.send([index < record.count ? record[index] : 0], timeout: patience)
                if let end = try? slow.receive(maximum: 1, timeout: 1_000_000), end.isEmpty {
                    throw SocketError.closedByPeer
                }
            }
        }
        #expect(tls.server.log.isEmpty)
    }

    /// Past the limit, the owner of an established connection is not told of a timer it never set.
    @Test func `the handshake's limit does not outlive it`() throws {
        let options = Listener.Options()
        let clock = MovedClock()
        let tls = try TLSServer(options: options, clock: { clock.now }) { Echo($1) }
        defer { tls.server.stop() }
        let client = try tls.connect()
        // The client's handshake is over before the server's.
        _ = try tls.server.log.nextAccepted()
        try clock.move(to: clock.now + 2 * options.handshakeTimeout, tls.server.thread.handle)
        try client.send([1], timeout: patience)
        #expect(tls.server.log.next() == .drained)
    }

    @Test func `plain bytes get no session, and the owner learns why`() throws {
        let failures = Handover<SocketError>()
        var options = Listener.Options()
        options.onHandshakeFailure = { failures.put($0) }
        let tls = try TLSServer(options: options) { Echo($1) }
        defer { tls.server.stop() }
        let client = try tls.server.connect()
        try client.send(Array("GET / HTTP/1.1\r\n\r\n".utf8), timeout: patience)
        #expect(try client.receiveAll(limit: 100, timeout: patience).count < 100)
        #expect(failures.take()?.description == "TLS: http request")
        #expect(tls.server.log.isEmpty)
    }

    /// Resets in the middle of a handshake: every descriptor comes back.
    @Test func `clients that vanish leave nothing behind`() throws {
        let tls = try TLSServer { Echo($1) }
        defer { tls.server.stop() }
        let greeting = try TLSStream(tls.client)
        _ = greeting.receive([UInt8]().span)
        let bytes = try #require(greeting.next?.bytes)
        for count in stride(from: 0, through: bytes.count, by: 37) {
            let client = try tls.server.connect()
            try client.send(Array(bytes[..<count]), timeout: patience)
            drop(client)
        }
        let client = try tls.connect()
        try client.send([1], timeout: patience)
        #expect(tls.server.log.wait { $0 == .drained })
        drop(client)
        #expect(
            tls.server.log.wait {
                if case .closed = $0 { true } else { false }
            })
        #expect(eventually { try tls.server.onListener { $0.connectionCount } == 0 })
    }

    /// Each request for new keys makes the server answer, whether the client reads or not.
    @Test func `a client that reads nothing is not read from for ever`() throws {
        var options = Listener.Options()
        options.sendBufferBytes = 4096
        let tls = try TLSServer(options: options) { Echo($1) }
        defer { tls.server.stop() }
        let socket = try tls.server.connect(receiveBufferBytes: 4096)
        var session = try TLSSession(tls.client)
        while session.handshake() == .wantRead {
            try socket.send(session.takeOutput(), timeout: patience)
            let bytes = try socket.receive(maximum: 16_384, timeout: patience)
            session.receive(bytes.span)
        }
        var requests = session.takeOutput()
        // Some times what the server lets wait, and what the kernel's buffers may hold.
        while requests.count < 8 * TLSStream.maxOutputBytes {
            unsafe #expect(SSL_key_update(session.ssl, SSL_KEY_UPDATE_REQUESTED) == 1)
            #expect(session.handshake() == .complete(1))
            requests += session.takeOutput()
        }
        try socket.send(requests, timeout: patience)
        let id = try tls.server.log.nextAccepted()
        let handle = tls.server.thread.handle
        #expect(eventually { try handle.sync { $0.connection(id)?.wantsInput == false } })
        let pending = try handle.sync { $0.connection(id)?.pendingBytes ?? 0 }
        #expect(pending >= TLSStream.maxOutputBytes)
        #expect(pending < TLSStream.maxOutputBytes + EventLoop.readBufferBytes)
    }

    @Test func `a closed listener takes no handshake that was under way`() throws {
        let tls = try TLSServer { Echo($1) }
        defer { tls.server.stop() }
        let socket = try tls.server.connect()
        #expect(eventually { try tls.server.onListener { $0.connectionCount } == 1 })
        try tls.server.onListener { $0.close() }
        let client = try TLSClientSocket.begin(socket, tls.client, timeout: patience)
        #expect(try client.receiveAll(limit: 1, timeout: patience).isEmpty)
        #expect(tls.server.log.isEmpty)
    }

    @Test func `new connections get the new certificate`() throws {
        let tls = try TLSServer { Echo($1) }
        defer { tls.server.stop() }
        let before = try tls.connect()
        let other = try TestAuthority(name: "other")
        let (chain, key) = try other.issue("server")
        try tls.folder.write("certificate", chain.bytes)
        try tls.folder.write("key", key.bytes)
        try tls.box.use(tls.box.load())
        #expect(throws: SocketError.self) { _ = try tls.connect() }
        let after = try TLSClientSocket.begin(
            tls.server.connect(), other.clientContext(), timeout: patience)
        try after.send([1], timeout: patience)
        try before.send([2], timeout: patience)
        try before.finishWriting(timeout: patience)
        #expect(try before.receiveAll(limit: 1, timeout: patience) == [2])
    }
}

private func drop(_ client: consuming TLSClientSocket) { _ = consume client }
