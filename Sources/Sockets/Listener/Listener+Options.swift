extension Listener {
    /// The bounds of a listener.
    package struct Options: Sendable {
        /// Connections the kernel keeps ready to be accepted.
        package var backlog: Int32 = 1024
        /// Open connections; at this many, further ones wait in the backlog until one closes.
        package var connectionLimit = 10_000
        /// Open connections from one IPv4 address or IPv6 /64 network; further ones are closed at
        /// once. Generous, since all clients behind a proxy have its address.
        package var connectionLimitPerPeer = 2_500
        /// Nanoseconds without accepting after the system ran out of descriptors or memory.
        package var exhaustionPause: UInt64 = 100_000_000
        /// Accepts of one turn, so that a flood does not keep connections waiting.
        package var acceptsPerTurn = 64
        /// Size of the kernel's send buffer; nil leaves it to the kernel.
        package var sendBufferBytes: Int32?
        /// Nanoseconds that bytes may wait in the kernel's buffer for a peer that takes none of
        /// them; then the connection fails. What the kernel has taken is beyond the owner's clock,
        /// and that is megabytes.
        package var stallTimeout: UInt64 = 30_000_000_000
        /// Speaks TLS with what the box holds when a connection comes; nil is clear text.
        package var tls: TLSContextBox?
        /// Nanoseconds from a connection's coming to the end of its handshake.
        package var handshakeTimeout: UInt64 = 10_000_000_000
        /// Told of each connection that is closed because its peer has too many.
        package var onPeerRefused: (@Sendable () -> Void)?
        /// Told of each connection that is lost before its handshake is over.
        package var onHandshakeFailure: (@Sendable (SocketError) -> Void)?

        package init() {}
    }
}
