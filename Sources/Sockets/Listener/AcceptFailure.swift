import Glibc

/// What a failed accept asks for.
enum AcceptFailure: Equatable {
    /// The connection was lost before it was accepted; the next one may be fine.
    case lostConnection
    /// The system is out of something, or fails in a way that is not known to pass by itself.
    case exhaustion

    /// The first group are the errors accept(2) tells to treat like "try again", and what
    /// getpeername(2) and setsockopt(2) say of a socket that was reset.
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
