import CLinux
import Glibc

/// An IPv4 or IPv6 address with a port, in the kernel's form.
package struct SocketAddress: Sendable {
    private var storage = sockaddr_storage()
    private var length: socklen_t

    var family: Int32 { Int32(storage.ss_family) }

    /// The addresses, at least one, of a host (`localhost`, `127.0.0.1`, `::1`, `::`, …) with a
    /// port, 0 for any. May block on the resolver unless the host is an address.
    package static func resolve(host: String, port: Int) throws(SocketError) -> [SocketAddress] {
        guard (0...65535).contains(port) else { throw .portOutOfRange(port) }
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, String(port), &hints, &list)
        guard code == 0 else { throw .unresolvedHost(host, code: code) }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = unsafe list
        while let entry = unsafe next {
            if let address = unsafe SocketAddress(entry.pointee) { addresses.append(address) }
            unsafe next = entry.pointee.ai_next
        }
        guard !addresses.isEmpty else { throw .unresolvedHost(host, code: EAI_NONAME) }
        return addresses
    }

    /// Copies an entry of getaddrinfo's list; nil for families other than IPv4 and IPv6.
    private init?(_ entry: addrinfo) {
        let size = Int(unsafe entry.ai_addrlen)
        let family = unsafe entry.ai_family
        guard let source = unsafe entry.ai_addr, family == AF_INET || family == AF_INET6,
            size <= MemoryLayout<sockaddr_storage>.size
        else { return nil }
        length = socklen_t(size)
        unsafe withUnsafeMutableBytes(of: &storage) {
            unsafe $0.copyMemory(from: UnsafeRawBufferPointer(start: source, count: size))
        }
    }

    /// The address that a socket is bound to.
    init(boundTo descriptor: borrowing FileDescriptor) throws(SocketError) {
        unsafe try self.init("getsockname", of: descriptor) { unsafe getsockname($0, $1, $2) }
    }

    /// The address of a connected socket's other end.
    init(peerOf descriptor: borrowing FileDescriptor) throws(SocketError) {
        unsafe try self.init("getpeername", of: descriptor) { unsafe getpeername($0, $1, $2) }
    }

    private init(
        _ name: String, of descriptor: borrowing FileDescriptor,
        _ call: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) throws(SocketError) {
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        var storage = sockaddr_storage()
        let raw = descriptor.raw
        _ = try SystemCall.retry32(name) {
            unsafe withUnsafeMutablePointer(to: &storage) {
                unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe call(raw, $0, &length)
                }
            }
        }
        self.storage = storage
        self.length = length
    }

    /// The 4 or 16 bytes of the address itself, in network order; none for other families.
    var addressBytes: [UInt8] {
        // Both structures begin with the family and the port; in IPv6 the flow label follows.
        let place: Range<Int> =
            switch family {
            case AF_INET: 4..<8
            case AF_INET6: 8..<24
            default: 0..<0
            }
        return unsafe withUnsafeBytes(of: storage) { unsafe Array($0[place]) }
    }

    /// Lends the address to a system call.
    func withPointer<Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        unsafe withUnsafePointer(to: storage) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, length)
            }
        }
    }

    /// The numeric host, without brackets.
    package var host: String { names.host }

    /// The port; 0 if the kernel is yet to choose it.
    package var port: Int { Int(names.port) ?? 0 }

    private var names: (host: String, port: String) {
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        var port = [CChar](repeating: 0, count: Int(NI_MAXSERV))
        _ = unsafe withPointer { address, length in
            unsafe getnameinfo(
                address, length, &host, socklen_t(NI_MAXHOST), &port, socklen_t(NI_MAXSERV),
                NI_NUMERICHOST | NI_NUMERICSERV)
        }
        return (String(terminated: host), String(terminated: port))
    }
}

extension SocketAddress: CustomStringConvertible {
    /// `127.0.0.1:8080` or `[::1]:8080`.
    package var description: String {
        family == AF_INET6 ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
