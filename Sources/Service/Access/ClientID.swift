internal import Batching
internal import Sockets

/// The clients of the service: all connections that show one API key together, else the connection.
extension ClientID {
    static func connection(_ id: ConnectionID) -> ClientID {
        ClientID(origin: id.numbers.loop, number: id.numbers.connection)
    }

    static func key(_ id: APIKeyID) -> ClientID { ClientID(number: id.number) }
}
