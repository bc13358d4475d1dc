import Testing

@testable import Sockets

/// A listener on one loop that gives connections to another.
private final class SharedListener: Sendable {
    let home: EventLoopThread
    let other: EventLoopThread
    let onHome = EventLog()
    let onOther = EventLog()
    let port: Int
    let listener: LoopBound<Listener>

    init(limit: Int = 100) throws {
        (home, other) = (try EventLoopThread(), try EventLoopThread())
        let (onHome, onOther) = (onHome, onOther)
        let elsewhere = try other.handle.sync {
            let acceptor = Acceptor(loop: $0) { connection in
                onOther.note(.accepted(connection.id))
                return Echo(onOther)
            }
            return LoopBound(acceptor, to: $0)
        }
        var options = Listener.Options()
        options.maxConnections = limit
        (port, listener) = try home.handle.sync { [options] loop in
            Result<(Int, LoopBound<Listener>), SocketError> { () throws(SocketError) in
                let listener = try Listener(
                    loop: loop, host: "127.0.0.1", port: 0, options: options, others: [elsewhere]
                ) { connection in
                    onHome.note(.accepted(connection.id))
                    return Echo(onHome)
                }
                return (listener.address.port, LoopBound(listener, to: loop))
            }
        }.get()
    }

    var connectionCount: Int {
        get throws {
            let listener = listener
            return try home.handle.sync { _ in listener.withValue { $0.connectionCount } }
        }
    }

    func connect() throws -> ClientSocket {
        try ClientSocket(host: "127.0.0.1", port: port, timeout: patience)
    }

    func echo(_ byte: UInt8, _ client: borrowing ClientSocket) throws -> Bool {
        try client.send([byte], timeout: patience)
        return try client.receive(maximum: 1, timeout: patience) == [byte]
    }

    func stop() {
        home.stopAndJoin()
        other.stopAndJoin()
    }
}

@Suite struct HandOffTests {
    @Test func `loops share the connections, and the listener counts them all`() throws {
        let server = try SharedListener(limit: 2)
        defer { server.stop() }
        let first = try server.connect()
        #expect(try server.echo(1, first))
        let second = try server.connect()
        #expect(try server.echo(2, second))
        #expect(server.onHome.wait { if case .accepted = $0 { true } else { false } })
        #expect(server.onOther.wait { if case .accepted = $0 { true } else { false } })
        #expect(try server.connectionCount == 2)
        // The limit is reached: the third waits until the other loop's connection is closed.
        let third = try server.connect()
        try third.send([3], timeout: patience)
        #expect(try server.connectionCount == 2)
        drop(second)
        #expect(try third.receive(maximum: 1, timeout: patience) == [3])
        #expect(server.onOther.wait { if case .accepted = $0 { true } else { false } })
        drop(first)
        drop(third)
        #expect(eventually { try server.connectionCount == 0 })
    }

    @Test func `a socket for a loop that has ended is closed`() throws {
        let server = try SharedListener()
        defer { server.stop() }
        server.other.stopAndJoin()
        let first = try server.connect()
        #expect(try server.echo(1, first))
        let second = try server.connect()
        #expect(try second.receive(maximum: 1, timeout: patience) == [])
        #expect(try server.connectionCount == 1)
        #expect(try server.echo(2, first))
        drop(first)
        drop(second)
    }
}
