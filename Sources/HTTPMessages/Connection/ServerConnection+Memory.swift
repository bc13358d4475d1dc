/// What the connection holds, for an owner that bounds the sum over all of them.
extension ServerConnection {
    /// Bytes that are held for this connection: of the body in progress, of bodies whose requests
    /// wait, of answers that wait for their turn or for the peer, and of the backlog.
    package var heldBytes: Int {
        parser.bodyBytes + queue.bodyBytes + queue.answerBytes + unflushedBytes + backlog.count
    }

    /// Bytes of the body in progress so far.
    package var arrivingBodyBytes: Int { parser.bodyBytes }

    /// Refuses the request whose body is arriving and lets go of that body, because the process
    /// holds enough for all its connections. Without effect when no body is arriving.
    package mutating func shedBody(now: UInt64) -> [ConnectionAction] {
        guard stage == .open, takesRequests, parser.stage == .body else { return [] }
        var actions: [ConnectionAction] = []
        reject(.outOfRoom, into: &actions)
        return finishing(consume actions)
    }
}
