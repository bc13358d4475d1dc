internal import HTTPMessages
internal import Sockets

/// The open connections of one event loop. Belongs to that loop.
final class ConnectionTable {
    private let services: ConnectionServices
    private var connections: [ConnectionID: HTTPConnection] = [:]
    /// Those of the admin port, which no drain waits for.
    private var adminConnections: Set<ConnectionID> = []
    private(set) var isDraining = false
    /// Called when a drain has seen its last connection close.
    private var onDrained: (() -> Void)?

    init(_ services: ConnectionServices) { self.services = services }

    /// Takes a connection that was accepted.
    func accept(_ stream: StreamConnection, from origin: ConnectionOrigin) -> HTTPConnection {
        if origin == .admin { admit(stream.id) }
        let connection = HTTPConnection(stream, from: origin, services) { [weak self] in
            self?.forget($0)
        }
        connections[stream.id] = connection
        connection.start()
        return connection
    }

    /// Lets every connection but the admin port's finish what it has, then calls `completion`.
    func drain(_ completion: @escaping () -> Void) {
        isDraining = true
        onDrained = completion
        for (id, connection) in connections where !adminConnections.contains(id) {
            connection.drain()
        }
        reportIfDrained()
    }

    /// Connections of the admin port that are kept; the next takes the place of the one that has
    /// been idle for longest, so that nobody who holds connections keeps probes out.
    static let maxAdminConnections = 99

    private func admit(_ id: ConnectionID) {
        if adminConnections.count >= Self.maxAdminConnections {
            let idle = adminConnections.compactMap { id in
                connections[id].flatMap { connection in
                    connection.idleSince.map { (since: $0, connection) }
                }
            }
            idle.min { $0.since < $1.since }?.1.evict()
        }
        adminConnections.insert(id)
    }

    private func forget(_ connection: ConnectionID) {
        connections[connection] = nil
        adminConnections.remove(connection)
        reportIfDrained()
    }

    private func reportIfDrained() {
        guard isDraining, connections.count == adminConnections.count, let report = onDrained
        else { return }
        onDrained = nil
        report()
    }
}

extension ConnectionTable: ReplySink {
    func finish(_ connection: ConnectionID, _ request: RequestID, _ result: WorkResult) {
        connections[connection]?.finish(request, result)
    }
}
