/// A loop that takes some of the connections of another loop's listener, which has it bound to that
/// loop. `accept` is called for each connection it gets.
package struct Acceptor {
    let loop: EventLoop
    let accept: Listener.Accept

    package init(loop: EventLoop, accept: @escaping Listener.Accept) {
        self.loop = loop
        self.accept = accept
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
