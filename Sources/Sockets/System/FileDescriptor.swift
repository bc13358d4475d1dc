import CLinux
import Glibc

/// The only owner of a file descriptor; closes it when it goes.
struct FileDescriptor: ~Copyable {
    /// Valid as long as the owner lives.
    let raw: Int32

    /// Takes over a descriptor that nobody else closes.
    init(owning raw: Int32) { self.raw = raw }

    /// A failed close cannot be repaired, and after EINTR Linux has released the number: it is
    /// called once and its result dropped.
    deinit { _ = Glibc.close(raw) }

    /// Gives the descriptor away to whoever will own it next.
    consuming func release() -> Int32 {
        let raw = raw
        discard self
        return raw
    }

    /// A TCP socket, non-blocking and closed on exec.
    static func tcpSocket(family: Int32) throws(SocketError) -> FileDescriptor {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        return FileDescriptor(
            owning: try SystemCall.retry32("socket") { socket(family, type, Int32(IPPROTO_TCP)) })
    }

    /// Sets an integer socket option.
    func setOption(_ level: Int32, _ name: Int32, _ value: Int32) throws(SocketError) {
        var value = value
        _ = try SystemCall.retry32("setsockopt") {
            unsafe setsockopt(raw, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
        }
    }

    /// Makes the close drop what the kernel has not delivered, and tell the peer by a reset. Without
    /// it a peer that reads nothing keeps those bytes in the kernel for minutes.
    func resetOnClose() throws(SocketError) {
        var immediately = linger(l_onoff: 1, l_linger: 0)
        _ = try SystemCall.retry32("setsockopt") {
            unsafe setsockopt(
                raw, SOL_SOCKET, SO_LINGER, &immediately, socklen_t(MemoryLayout<linger>.size))
        }
    }

    /// Takes the pending error off a socket; 0 when there is none.
    func takeError() throws(SocketError) -> Int32 {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        _ = try SystemCall.retry32("getsockopt") {
            unsafe getsockopt(raw, SOL_SOCKET, SO_ERROR, &code, &size)
        }
        return code
    }

    /// Receives into `buffer`; 0 at the peer's end of stream.
    func receive(into buffer: inout [UInt8]) throws(SocketError) -> SystemCall.Outcome {
        try SystemCall.attempt("recv") {
            unsafe buffer.withUnsafeMutableBytes { unsafe recv(raw, $0.baseAddress, $0.count, 0) }
        }
    }

    /// Sends what of `bytes` from `offset` on the socket takes, without SIGPIPE.
    func send(_ bytes: [UInt8], from offset: Int) throws(SocketError) -> SystemCall.Outcome {
        precondition(offset >= 0 && offset <= bytes.count)
        return try SystemCall.attempt("send") {
            unsafe bytes.withUnsafeBytes { buffer in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[offset...])
                return unsafe Glibc.send(raw, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            }
        }
    }
}
