import Clocks
import Dispatch
import Glibc
import Testing

@testable import Sockets

@Suite struct ListenerTests {
    @Test func `port 0 is told as the port it became`() throws {
        let server = try TestServer { Echo($1) }
        defer { server.stop() }
        #expect(server.port > 0)
        let text = try server.onListener { $0.address.description }
        #expect(text == "127.0.0.1:\(server.port)")
    }

    @Test func `the wildcard takes IPv4, and IPv6 where there is any`() throws {
        let server = try TestServer(host: "::") { Echo($1) }
        defer { server.stop() }
        let client = try server.connect()
        try client.send([1], timeout: patience)
        #expect(try client.receive(maximum: 1, timeout: patience) == [1])
        guard try server.onListener({ $0.address.host }) == "::" else { return }
        let other = try ClientSocket(host: "::1", port: server.port, timeout: patience)
        try other.send([2], timeout: patience)
        #expect(try other.receive(maximum: 1, timeout: patience) == [2])
    }

    @Test(arguments: [
        (SocketError.system(call: "socket", errno: EAFNOSUPPORT), true),
        (.system(call: "bind", errno: EADDRNOTAVAIL), true),
        (.system(call: "bind", errno: EADDRINUSE), false),
        (.system(call: "bind", errno: EACCES), false),
    ])
    func `only a machine without IPv6 falls back`(error: SocketError, falls: Bool) {
        #expect(Binding.isWithoutIPv6(error) == falls)
    }

    @Test func `a taken port is an error that names it`() throws {
        let server = try TestServer { Echo($1) }
        defer { server.stop() }
        let port = server.port
        let error = try server.thread.handle.sync { loop -> SocketError? in
            do throws(SocketError) {
                _ = try Listener(loop: loop, host: "127.0.0.1", port: port) { _ in
                    Echo(EventLog())
                }
                return nil
            } catch { return error }
        }
        #expect(error == .system(call: "bind", errno: EADDRINUSE))
        #expect(error?.description.contains("in use") == true)
    }

    @Test(arguments: [-1, 65536]) func `a port out of range is refused`(port: Int) {
        #expect(throws: SocketError.portOutOfRange(port)) {
            try SocketAddress.resolve(host: "127.0.0.1", port: port)
        }
    }

    /// A label of a name has 63 bytes at most (RFC 1035 §2.3.4), so no resolver is asked, which
    /// could take its time.
    @Test func `a host that does not resolve is refused`() {
        let host = String(repeating: "a", count: 64)
        #expect(throws: SocketError.unresolvedHost(host, code: EAI_NONAME)) {
            try SocketAddress.resolve(host: host, port: 1)
        }
    }

    /// Opens connections that are served, and keeps them while `body` runs: in a chain of frames,
    /// since a client cannot be kept in an array.
    private func hold(_ count: Int, of server: TestServer, _ body: () throws -> Void) throws {
        guard count > 0 else { return try body() }
        let client = try server.connect()
        try client.send([1], timeout: patience)
        #expect(try client.receive(maximum: 1, timeout: patience) == [1])
        try hold(count - 1, of: server, body)
        drop(client)
    }

    /// The fate of a connection beyond a limit.
    enum Excess: CaseIterable { case waits, isClosed }

    @Test(arguments: Excess.allCases, -1...1)
    func `connections in all and of a peer are limited`(kind: Excess, excess: Int) throws {
        let refused = Handover<Void>()
        var options = Listener.Options()
        options.onPeerRefused = { refused.put(()) }
        switch kind {
        case .waits: options.maxConnections = 3
        case .isClosed: options.maxConnectionsPerPeer = 3
        }
        let server = try TestServer(options: options) { Echo($1) }
        defer { server.stop() }
        try hold(min(3, 3 + excess), of: server) {
            #expect(try server.onListener { $0.connectionCount } == min(3, 3 + excess))
            guard excess > 0 else { return }
            let other = try server.connect()
            switch kind {
            case .waits:
                try other.send([9], timeout: patience)
                #expect(throws: SocketError.timedOut(nanoseconds: 1)) {
                    try other.receive(maximum: 1, timeout: 1)
                }
            case .isClosed:
                #expect(try other.receive(maximum: 1, timeout: patience) == [])
                #expect(refused.take() != nil)
            }
            #expect(try server.onListener { $0.connectionCount } == 3)
            drop(other)
        }
        // Once they are closed, there is room again.
        #expect(eventually { try server.onListener { $0.connectionCount } == 0 })
        try hold(3, of: server) {}
        #expect(refused.isEmpty)
    }

    @Test func `a connection that waited is served once another closes`() throws {
        var options = Listener.Options()
        options.maxConnections = 1
        let server = try TestServer(options: options) { Echo($1) }
        defer { server.stop() }
        let first = try server.connect()
        try first.send([1], timeout: patience)
        #expect(try first.receive(maximum: 1, timeout: patience) == [1])
        let second = try server.connect()
        try second.send([2], timeout: patience)
        #expect(try server.onListener { $0.connectionCount } == 1)
        drop(first)
        #expect(try second.receive(maximum: 1, timeout: patience) == [2])
        #expect(try server.onListener { $0.connectionCount } == 1)
    }

    @Test func `a closed listener refuses, its connections live on`() throws {
        let server = try TestServer { Echo($1) }
        defer { server.stop() }
        let client = try server.connect()
        #expect(server.log.wait { if case .accepted = $0 { true } else { false } })
        try server.onListener { $0.close() }
        try client.send([1], timeout: patience)
        #expect(try client.receive(maximum: 1, timeout: patience) == [1])
        // A test process that is being started may hold the old socket for a moment, and its end
        // reset what is being connected.
        let refusal = SocketError.system(call: "connect", errno: ECONNREFUSED)
        let isRefused = eventually {
            do { drop(try server.connect()) } catch { return error as? SocketError == refusal }
            return false
        }
        #expect(isRefused)
    }

    @Test func `who has connected when listening ends is served`() throws {
        let server = try TestServer { Echo($1) }
        defer { server.stop() }
        let isHeld = DispatchSemaphore(value: 0)
        let mayGoOn = DispatchSemaphore(value: 0)
        server.thread.handle.execute { _ in
            isHeld.signal()
            mayGoOn.wait()
        }
        isHeld.wait()
        // The kernel connects them while the loop does something else.
        let one = try server.connect()
        let other = try server.connect()
        try one.send([1], timeout: patience)
        try other.send([2], timeout: patience)
        let finished = Handover<Void>()
        let listener = server.listener
        server.thread.handle.execute { _ in
            listener.withValue { $0.finish() }
            finished.put(())
        }
        mayGoOn.signal()
        #expect(finished.take() != nil)
        #expect(try one.receive(maximum: 1, timeout: patience) == [1])
        #expect(try other.receive(maximum: 1, timeout: patience) == [2])
        #expect(try server.onListener { $0.connectionCount } == 2)
    }

    @Test(arguments: [
        (ECONNABORTED, AcceptFailure.lostConnection), (EPROTO, .lostConnection),
        (ENOTCONN, .lostConnection),
        (EMFILE, .exhaustion), (ENFILE, .exhaustion), (ENOBUFS, .exhaustion),
        (ENOMEM, .exhaustion), (EIO, .exhaustion),
    ])
    func `accept's errors are told apart`(code: Int32, failure: AcceptFailure) {
        #expect(AcceptFailure(.system(call: "accept4", errno: code)) == failure)
    }

    /// The loop may have given the listener's place to a connection by then, whose timer is its
    /// own.
    @Test func `a closed listener that hears of exhaustion pauses nobody else's timer`() throws {
        let clock = MovedClock()
        let server = try TestServer(clock: { clock.now }) { Echo($1) }
        defer { server.stop() }
        let first = try server.connect()
        _ = try server.log.nextAccepted()
        let log = EventLog()
        let port = try server.thread.handle.sync { loop -> Int? in
            try? Listener(loop: loop, host: "127.0.0.1", port: 0) { connection in
                connection.setTimer(at: loop.now + 1_000)
                log.note(.accepted(connection.id))
                return Echo(log)
            }.address.port
        }
        try server.onListener { $0.close() }
        let second = try ClientSocket(
            host: "127.0.0.1", port: try #require(port), timeout: patience)
        _ = try log.nextAccepted()
        try server.onListener {
            let seat = Seat(peer: PeerNetwork(address: [127, 0, 0, 1]), loop: 0)
            $0.release(seat, after: .system(call: "epoll_ctl", errno: ENOMEM))
        }
        try clock.move(to: clock.now + 1_000, server.thread.handle)
        #expect(log.next() == .timer)
        drop(first)
        drop(second)
    }

    /// In a process of its own, since the limit on descriptors is the process's.
    @Test func `without descriptors accepting pauses, and goes on when there are some`() async {
        await #expect(processExitsWith: .success) {
            var options = Listener.Options()
            options.exhaustionPause = 20_000_000
            let server = try TestServer(options: options) { Echo($1) }
            let nofile = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
            var old = rlimit()
            unsafe getrlimit(nofile, &old)
            // Every number below `top` is taken: the client gets `top`, and the server nothing.
            let top = dup(0)
            close(top)
            var tight = rlimit(rlim_cur: rlim_t(top) + 1, rlim_max: old.rlim_max)
            unsafe setrlimit(nofile, &tight)
            let start = MonotonicClock.now
            let client = try server.connect()
            try client.send([5], timeout: patience)
            while try server.onListener({ $0.exhaustionCount }) < 3 {
                guard MonotonicClock.now - start < patience else { break }
            }
            let count = try server.onListener { $0.exhaustionCount }
            let elapsed = MonotonicClock.now - start
            unsafe setrlimit(nofile, &old)
            #expect(try client.receive(maximum: 1, timeout: patience) == [5])
            // One pause at once and one more after each pause that has passed.
            #expect(UInt64(count) <= elapsed / options.exhaustionPause + 1)
            #expect(elapsed >= 2 * options.exhaustionPause)
            server.stop()
        }
    }
}
