/// The reason why a socket operation failed. Numbers are Linux errno values.
package enum SocketError: Error, Equatable, Sendable {
    /// A system call failed.
    case system(call: String, errno: Int32)
    /// The host is neither an IPv4 or IPv6 address nor a name that resolves (`code` is
    /// getaddrinfo's).
    case unresolvedHost(String, code: Int32)
    /// A port outside 0...65535.
    case portOutOfRange(Int)
    /// Nothing happened within the given nanoseconds.
    case timedOut(nanoseconds: UInt64)
    /// The peer sent more than the given bytes.
    case answerTooLong(limit: Int)
    /// The peer closed before everything was sent.
    case closedByPeer
    /// TLS failed.
    case tls(TLSError)
}

extension SocketError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .system(let call, let errno): "\(call): \(ErrorNumber.text(errno)) (errno \(errno))"
        case .unresolvedHost(let host, let code): "cannot resolve \(host) (getaddrinfo \(code))"
        case .portOutOfRange(let port): "port \(port) is not in 0...65535"
        case .timedOut(let nanoseconds): "nothing within \(nanoseconds / 1_000_000) ms"
        case .answerTooLong(let limit): "the answer is longer than \(limit) bytes"
        case .closedByPeer: "the peer closed the connection"
        case .tls(let error): "\(error)"
        }
    }
}
