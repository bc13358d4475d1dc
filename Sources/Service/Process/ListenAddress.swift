internal import Glibc
internal import Sockets

/// An address that the service was to listen on, in the words of the settings.
package struct ListenAddress: Sendable, Equatable {
    let host: String
    let port: Int
    /// The flag that gives the port.
    let portFlag: String

    static func service(_ options: ServiceOptions) -> ListenAddress {
        ListenAddress(host: options.host, port: options.port, portFlag: "--port")
    }

    static func admin(_ options: ServiceOptions, port: Int) -> ListenAddress {
        ListenAddress(host: options.host, port: port, portFlag: "--admin-port")
    }

    /// The reason why nothing listens there, and a way out.
    func description(of error: SocketError) -> String {
        let way = wayOut(of: error).map { ": \($0)" } ?? ""
        return "cannot listen on --host \(host) \(portFlag) \(port): \(error)\(way)"
    }

    private func wayOut(of error: SocketError) -> String? {
        switch error {
        case .system(_, EADDRINUSE):
            "another process listens there; stop it, or give another \(portFlag), 0 for any free "
                + "one"
        case .system(_, EADDRNOTAVAIL):
            "this machine has no such address; give one that it has, or :: for all of them"
        case .system(_, EAFNOSUPPORT): "this machine has no IPv6; give an IPv4 address"
        case .system(_, EACCES):
            "this user may not bind the port; give \(portFlag) one above 1023"
        case .unresolvedHost:
            "--host is an address or a name without scheme and port, such as 127.0.0.1, ::1 or "
                + "localhost"
        default: nil
        }
    }
}
