/// The name of a connection, unique among those of all running loops; a loop never uses one again.
/// It may cross threads, which the connection may not.
package struct ConnectionID: Hashable, Sendable {
    let source: SourceID
    let loop: ObjectIdentifier

    /// Numbers that tell it from all others: its own, and that of its loop, which is not 0.
    package var numbers: (loop: UInt64, connection: UInt64) {
        (UInt64(UInt(bitPattern: loop)), source.packed)
    }
}

extension EventLoop {
    /// The connection of that name; nil once it is closed, or if it belongs to another loop.
    package func connection(_ id: ConnectionID) -> StreamConnection? {
        guard id.loop == ObjectIdentifier(self) else { return nil }
        return source(id.source) as? StreamConnection
    }
}
