extension Listener {
    /// Settings of a listener, most of them bounds.
    package struct Options: Sendable {
        /// Connections that the kernel keeps ready to be accepted.
        package var backlog: Int32 = 1024
        /// Open connections at which further ones wait in the backlog until one closes.
        package var maxConnections = 10_000
        /// Open connections from one IPv4 address or IPv6 /64 network at which further ones are
        /// closed at once. Generous, since all clients behind a proxy share its address.
        package var maxConnectionsPerPeer = 2_500
        /// Nanoseconds for which accepting pauses after the system ran out of descriptors or
        /// memory.
        package var exhaustionPause: UInt64 = 100_000_000
        /// Accepts per turn, so that a flood of them does not keep connections waiting.
        package var acceptsPerTurn = 64
        /// Size of the kernel's send buffer; nil for the kernel's choice.
        package var sendBufferBytes: Int32?
        /// Nanoseconds that bytes may wait in the kernel's buffer for a peer that takes none of
        /// them; then the connection fails. The owner cannot time bytes that the kernel has taken,
        /// which may be megabytes.
        package var stallTimeout: UInt64 = 30_000_000_000
        /// TLS with the context that is in force when a connection arrives; nil for clear text.
        package var tls: TLSContextBox?
        /// Nanoseconds from a connection's arrival to the end of its handshake.
        package var handshakeTimeout: UInt64 = 10_000_000_000
        /// Called for each connection that is closed because its peer has too many.
        package var onPeerRefused: (@Sendable () -> Void)?
        /// Called for each connection that is lost before its handshake is over.
        package var onHandshakeFailure: (@Sendable (SocketError) -> Void)?

        package init() {}
    }
}
