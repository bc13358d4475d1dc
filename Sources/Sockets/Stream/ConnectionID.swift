/// The name of a connection, unique among those of all running loops; a loop never uses one again.
/// It may cross threads, which the connection may not.
package struct ConnectionID: Hashable, Sendable {
    let source: SourceID
    let loop: ObjectIdentifier
}

extension EventLoop {
    /// The connection of that name; nil once it is closed, or if it belongs to another loop.
    package func connection(_ id: ConnectionID) -> StreamConnection? {
        guard id.loop == ObjectIdentifier(self) else { return nil }
        return source(id.source) as? StreamConnection
    }
}
