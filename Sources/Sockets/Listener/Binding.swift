import Glibc

/// Makes listening sockets.
enum Binding {
    /// A socket that listens on the host's first address; `::` stands for 0.0.0.0 where IPv6 is
    /// off.
    static func listen(
        host: String, port: Int, backlog: Int32, stallTimeout: UInt64
    ) throws(SocketError) -> FileDescriptor {
        func listen(_ host: String) throws(SocketError) -> FileDescriptor {
            let address = try SocketAddress.resolve(host: host, port: port)[0]
            return try self.listen(on: address, backlog: backlog, stallTimeout: stallTimeout)
        }
        do { return try listen(host) } catch {
            guard host == "::", isWithoutIPv6(error) else { throw error }
            return try listen("0.0.0.0")
        }
    }

    private static func listen(
        on address: SocketAddress, backlog: Int32, stallTimeout: UInt64
    ) throws(SocketError) -> FileDescriptor {
        let descriptor = try FileDescriptor.tcpSocket(family: address.family)
        try descriptor.setOption(SOL_SOCKET, SO_REUSEADDR, 1)
        if address.family == AF_INET6 {
            try descriptor.setOption(Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0)
        }
        // Accepted sockets inherit it.
        try descriptor.setOption(
            Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, Int32(clamping: stallTimeout / 1_000_000))
        let raw = descriptor.raw
        _ = try SystemCall.retry32("bind") {
            unsafe address.withPointer { unsafe bind(raw, $0, $1) }
        }
        _ = try SystemCall.retry32("listen") { Glibc.listen(raw, backlog) }
        return descriptor
    }

    /// Whether an error means that the machine has no IPv6.
    static func isWithoutIPv6(_ error: SocketError) -> Bool {
        switch error {
        case .system(_, EAFNOSUPPORT), .system(_, EADDRNOTAVAIL), .unresolvedHost: true
        default: false
        }
    }
}
