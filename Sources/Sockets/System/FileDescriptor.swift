import CLinux
import Glibc

/// The only owner of a file descriptor, which it closes at its end.
struct FileDescriptor: ~Copyable {
    /// The number, valid as long as the owner exists.
    let raw: Int32

    /// Takes ownership of a descriptor, which nothing else may close.
    init(owning raw: Int32) { self.raw = raw }

    /// Closes the descriptor once and drops the result: a failed close cannot be repaired, and
    /// after EINTR Linux has released the number.
    deinit { _ = Glibc.close(raw) }

    /// Gives up ownership of the descriptor.
    consuming func release() -> Int32 {
        let raw = raw
        discard self
        return raw
    }

    /// A TCP socket that does not block and is closed on exec.
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

    /// Lets the close drop bytes that the kernel has not delivered and send the peer a reset.
    /// Otherwise a peer that reads nothing keeps those bytes in the kernel for minutes.
    func resetOnClose() throws(SocketError) {
        var immediately = linger(l_onoff: 1, l_linger: 0)
        _ = try SystemCall.retry32("setsockopt") {
            unsafe setsockopt(
                raw, SOL_SOCKET, SO_LINGER, &immediately, socklen_t(MemoryLayout<linger>.size))
        }
    }

    /// Takes a socket's pending error; 0 if there is none.
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

    /// Sends as many of `bytes` from `offset` on as the socket takes, without SIGPIPE.
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
