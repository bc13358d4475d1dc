internal import Sockets

/// The client that work is charged to, and in whose queue it waits: all connections that show one
/// API key together, else the connection.
enum ClientID: Hashable, Sendable {
    case connection(ConnectionID)
    case key(APIKeyID)
}
