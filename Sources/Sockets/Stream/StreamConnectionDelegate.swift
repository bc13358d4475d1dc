/// What a connection tells its owner, always on the loop's thread and never from within a call
/// the owner makes. A connection keeps its delegate until it is closed.
package protocol StreamConnectionDelegate: AnyObject {
    /// Bytes have come; at least one. They are only lent for the call.
    func connection(_ connection: StreamConnection, received bytes: Span<UInt8>)
    /// The peer has closed its sending side, and everything before was received. Writing goes on.
    func connectionPeerClosed(_ connection: StreamConnection)
    /// The peer has closed its sending side, seen while reading is paused; unread bytes may lie
    /// before that end. `connectionPeerClosed` follows once reading is resumed and they are read.
    func connectionPeerHungUp(_ connection: StreamConnection)
    /// Written bytes have left; `pendingBytes` are still queued.
    func connection(_ connection: StreamConnection, wroteLeaving pendingBytes: Int)
    /// The connection's timer is due.
    func connection(_ connection: StreamConnection, timerFiredAt now: UInt64)
    /// The connection is closed; the last call.
    func connection(_ connection: StreamConnection, closed reason: CloseReason)
}

/// How a connection ended.
package enum CloseReason: Sendable, Equatable {
    /// Closed by `close`, or both sides finished; everything queued was handed to the kernel.
    case finished
    /// Closed by `abort`.
    case aborted
    /// The socket failed, by a reset of a vanished peer for instance.
    case failed(SocketError)
    /// The loop was stopped.
    case loopStopped
}
