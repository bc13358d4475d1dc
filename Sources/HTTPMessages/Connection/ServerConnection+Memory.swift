/// The memory of a connection, for an owner that bounds the sum over all connections.
extension ServerConnection {
    /// When the connection was last of use to anybody; nil while a request waits for its answer, or
    /// an answer for its client.
    package var idleSince: UInt64? {
        queue.isEmpty && unflushedBytes == 0 && stage == .open ? lastActivity : nil
    }

    /// Bytes held for this connection: the body in progress, bodies of waiting requests, answers
    /// that wait for their turn or for the peer, and the backlog.
    package var heldBytes: Int {
        parser.bodyBytes + queue.bodyBytes + queue.answerBytes + unflushedBytes + backlog.count
    }

    /// Bytes of the body in progress that have arrived.
    package var arrivingBodyBytes: Int { parser.bodyBytes }

    /// Refuses the request whose body is arriving and frees that body, because the process holds
    /// enough for all its connections. Without effect if no body is arriving.
    package mutating func shedBody(now: UInt64) -> [ConnectionAction] {
        guard stage == .open, takesRequests, parser.stage == .body else { return [] }
        var actions: [ConnectionAction] = []
        reject(.outOfRoom, into: &actions)
        return finishing(consume actions)
    }
}
