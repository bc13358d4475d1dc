internal import Sockets

/// The listeners of one event loop: the service's own, and the admin port's. Belongs to that loop.
final class LoopListeners {
    /// Those that are kept, and the next, in whose place one of them goes; more wait, so that they
    /// cannot use up the descriptors of the service.
    private static let maxAdminConnections = ConnectionTable.maxAdminConnections + 1
    /// Descriptors that the service's clients cannot use up: those of the admin port's, and those
    /// that loops, Dispatch, a scrape and a reload have open at once, about two dozen, twice over.
    private static let reservedDescriptors = maxAdminConnections + 50

    private let shared: SharedService
    private let connections: ConnectionTable
    private let loop: EventLoop
    private var listener: Listener?
    private var adminListener: Listener?

    init(_ shared: SharedService, _ connections: ConnectionTable, loop: EventLoop) {
        self.shared = shared
        self.connections = connections
        self.loop = loop
    }

    /// Binds and accepts, for the `others` too; the result is the bound address.
    func listen(
        host: String, port: Int, others: [LoopBound<Acceptor>],
        onHandshakeFailure: @escaping @Sendable (SocketError) -> Void
    ) throws(SocketError) -> SocketAddress {
        var options = Listener.Options()
        options.tls = shared.credentials.tls
        options.onHandshakeFailure = onHandshakeFailure
        options.onPeerRefused = { [shared] in shared.reject(.connections) }
        options.maxConnections = DescriptorLimit.connections(
            wanted: options.maxConnections, reserve: Self.reservedDescriptors)
        let listener = try Listener(
            loop: loop, host: host, port: port, options: options, others: others,
            accept: acceptClient)
        self.listener = listener
        return listener.address
    }

    /// Takes a client of the service's own port.
    func acceptClient(_ stream: StreamConnection) -> HTTPConnection {
        let connection = connections.accept(
            stream, from: .service(isVerified: stream.isPeerVerified))
        // Its input reaches the connection once the stream knows it.
        if connections.isDraining { loop.atTurnEnd { connection.drain() } }
        return connection
    }

    /// Probes and metrics on a port of their own, in clear text, until the loop ends: they tell how
    /// a drain goes, and no drain waits for them.
    func listenForAdmin(host: String, port: Int) throws(SocketError) -> SocketAddress {
        var options = Listener.Options()
        options.maxConnections = Self.maxAdminConnections
        let connections = connections
        let listener = try Listener(loop: loop, host: host, port: port, options: options) {
            connections.accept($0, from: .admin)
        }
        adminListener = listener
        return listener.address
    }

    /// Closes the service's own listener behind those who have connected.
    func finish() {
        listener?.finish()
        listener = nil
    }
}
