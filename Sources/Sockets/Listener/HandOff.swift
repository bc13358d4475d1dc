/// A loop that takes some of the connections of another loop's listener. The listener holds it
/// bound to its loop, where `accept` is called for each of these connections.
package struct Acceptor {
    let loop: EventLoop
    let accept: Listener.Accept

    package init(loop: EventLoop, accept: @escaping Listener.Accept) {
        self.loop = loop
        self.accept = accept
    }
}

/// Makes connections of accepted sockets on any loop, with the TLS context in force at the time.
struct Opening: Sendable {
    private let tls: TLSContext?
    private let handshakeTimeout: UInt64
    private let onHandshakeFailure: (@Sendable (SocketError) -> Void)?

    init(_ options: Listener.Options) {
        tls = options.tls?.current
        handshakeTimeout = options.handshakeTimeout
        onHandshakeFailure = options.onHandshakeFailure
    }

    /// Makes a connection, on the loop's thread. `release` is called when it is closed, but not if
    /// this throws. `accept` is called with it, under TLS after its handshake, and returns nil if
    /// no connections are taken any more.
    func open(
        _ socket: consuming FileDescriptor, on loop: EventLoop, release: @escaping () -> Void,
        accept: @escaping (StreamConnection) -> (any StreamConnectionDelegate)?
    ) throws(SocketError) {
        let connection = try StreamConnection(loop: loop, owning: socket, tls: try makeTLS())
        connection.onClosed = { [onHandshakeFailure, unowned connection] reason in
            release()
            if connection.isHandshaking, case .failed(let error) = reason {
                onHandshakeFailure?(error)
            }
        }
        let handOver = {
            guard let delegate = accept(connection) else { return connection.close() }
            connection.delegate = delegate
        }
        guard connection.tls != nil else { return handOver() }
        connection.beginHandshake(timeout: handshakeTimeout, onEstablished: handOver)
    }

    private func makeTLS() throws(SocketError) -> TLSStream? {
        guard let tls else { return nil }
        do { return try TLSStream(tls) } catch { throw .tls(error) }
    }
}

// MARK: - From the listener

extension Listener {
    /// Makes the connection on the listener's own loop.
    func open(_ socket: consuming FileDescriptor, _ seat: Seat) {
        let opening = Opening(options)
        do throws(SocketError) {
            try opening.open(
                socket, on: loop, release: { self.release(seat) },
                accept: { self.accept?($0) })
        } catch {
            release(seat)
            if AcceptFailure(error) == .exhaustion { pause() }
        }
    }

    /// Makes the connection on another loop, which reports when it is closed.
    func handOff(
        _ socket: consuming FileDescriptor, _ seat: Seat, to other: LoopBound<Acceptor>
    ) {
        let opening = Opening(options)
        let home = LoopBound(self, to: loop)
        let raw = socket.release()
        let isTaken = other.execute { acceptor in
            do throws(SocketError) {
                try opening.open(
                    FileDescriptor(owning: raw), on: acceptor.loop,
                    release: { home.execute { $0.release(seat) } }, accept: acceptor.accept)
            } catch {
                home.execute { $0.release(seat, after: error) }
            }
        }
        guard !isTaken else { return }
        _ = FileDescriptor(owning: raw)
        release(seat)
    }
}
