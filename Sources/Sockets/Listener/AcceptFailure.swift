import Glibc

/// The kind of a failed accept, which decides how to go on.
enum AcceptFailure: Equatable {
    /// The connection was lost before it was accepted; the next may be fine.
    case lostConnection
    /// The system has run out of a resource, or fails in a way that is not known to pass by itself.
    case exhaustion

    /// The listed errors are those that accept(2) says to treat like "try again", and those of
    /// getpeername(2) and setsockopt(2) for a socket that was reset.
    init(_ error: SocketError) {
        switch error {
        case .system(_, let code)
        where [
            ECONNABORTED, ECONNRESET, EPROTO, ENOPROTOOPT, EINVAL, ENETDOWN, ENETUNREACH, EHOSTDOWN,
            EHOSTUNREACH, ENONET, EOPNOTSUPP, ETIMEDOUT, EPERM, ENOTCONN,
        ].contains(code):
            self = .lostConnection
        default: self = .exhaustion
        }
    }
}
