/// Notices from a connection to its owner, always on the loop's thread and never from within a call
/// that the owner makes. A connection keeps its delegate until it is closed.
package protocol StreamConnectionDelegate: AnyObject {
    /// Bytes have arrived, at least one. They are only lent for the call.
    func connection(_ connection: StreamConnection, received bytes: Span<UInt8>)
    /// The peer has closed its sending side, and everything it sent was received. Writing
    /// continues.
    func connectionPeerClosed(_ connection: StreamConnection)
    /// The peer has closed its sending side while reading is paused, perhaps with bytes still
    /// unread. `connectionPeerClosed` follows once reading is resumed and these are read.
    func connectionPeerHungUp(_ connection: StreamConnection)
    /// Written bytes were sent; `pendingBytes` are still queued.
    func connection(_ connection: StreamConnection, wroteLeaving pendingBytes: Int)
    /// The connection's timer is due.
    func connection(_ connection: StreamConnection, timerFiredAt now: UInt64)
    /// The connection is closed. This is the last call.
    func connection(_ connection: StreamConnection, closed reason: CloseReason)
}

/// The reason of a connection's end.
package enum CloseReason: Sendable, Equatable {
    /// Closed by `close`, or finished by both sides; the kernel took everything queued.
    case finished
    /// Closed by `abort`.
    case aborted
    /// The socket failed, for instance because a vanished peer reset it.
    case failed(SocketError)
    /// The loop was stopped.
    case loopStopped
}
