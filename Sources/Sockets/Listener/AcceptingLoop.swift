/// A loop that takes some of the connections of another loop's listener.
package struct AcceptingLoop: Sendable {
    let handle: EventLoopHandle
    let accept: LoopBound<Listener.Accept>

    /// To be made on the loop's thread; `accept` is called there for each connection it gets.
    package init(_ loop: EventLoop, accept: @escaping Listener.Accept) {
        handle = loop.handle
        self.accept = LoopBound(accept, to: loop)
    }
}

/// A listener as the other loops know it.
struct ListenerReference: Sendable {
    let handle: EventLoopHandle
    let listener: LoopBound<Listener>

    /// Tells it that a connection is closed, or what kept it from being made.
    func release(_ seat: Seat, after error: SocketError? = nil) {
        handle.execute { [listener] _ in
            listener.withValue { $0.release(seat, after: error) }
        }
    }
}

/// Makes connections of accepted sockets, on any loop.
struct Opening: Sendable {
    private let tls: TLSContext?
    private let handshakeTimeout: UInt64
    private let onHandshakeFailure: (@Sendable (SocketError) -> Void)?

    init(_ options: Listener.Options) {
        tls = options.tls?.current
        handshakeTimeout = options.handshakeTimeout
        onHandshakeFailure = options.onHandshakeFailure
    }

    /// On the loop's thread. `release` is called when the connection is closed, not when this
    /// throws; `accept` gets it, with TLS after its handshake, and answers nil when nobody takes
    /// connections any more.
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
