import Glibc

/// A small blocking client for probes and tests. Every call has its own timeout in nanoseconds.
package struct ClientSocket: ~Copyable {
    /// Bytes per read.
    private static let chunkBytes = 16 * 1024

    private let descriptor: FileDescriptor

    /// Connects to the first of the host's addresses that answers, all within `timeout`, which does
    /// not limit the resolver. `receiveBufferBytes` bounds the kernel's buffer; nil for the
    /// kernel's choice.
    package init(
        host: String, port: Int, timeout: UInt64, receiveBufferBytes: Int32? = nil
    ) throws(SocketError) {
        let deadline = Deadline(timeout)
        var failure = SocketError.unresolvedHost(host, code: EAI_NONAME)
        for address in try SocketAddress.resolve(host: host, port: port) {
            do throws(SocketError) {
                descriptor = try Self.connect(
                    address, deadline: deadline, receiveBufferBytes: receiveBufferBytes)
                return
            } catch { failure = error }
        }
        throw failure
    }

    private static func connect(
        _ address: SocketAddress, deadline: Deadline, receiveBufferBytes: Int32?
    ) throws(SocketError) -> FileDescriptor {
        let descriptor = try FileDescriptor.tcpSocket(family: address.family)
        if let bytes = receiveBufferBytes {
            try descriptor.setOption(SOL_SOCKET, SO_RCVBUF, bytes)
        }
        try descriptor.setOption(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        let raw = descriptor.raw
        do throws(SocketError) {
            _ = try SystemCall.retry32("connect") {
                unsafe address.withPointer { unsafe Glibc.connect(raw, $0, $1) }
            }
        } catch {
            guard case .system(_, EINPROGRESS) = error else { throw error }
            try deadline.wait(for: Int16(POLLOUT), on: descriptor)
            let code = try descriptor.takeError()
            guard code == 0 else { throw .system(call: "connect", errno: code) }
        }
        return descriptor
    }

    /// Sends all bytes, without SIGPIPE.
    package func send(_ bytes: [UInt8], timeout: UInt64) throws(SocketError) {
        try send(bytes, until: Deadline(timeout))
    }

    func send(_ bytes: [UInt8], until deadline: Deadline) throws(SocketError) {
        var offset = 0
        while offset < bytes.count {
            switch try descriptor.send(bytes, from: offset) {
            case .done(let count): offset += count
            case .wouldBlock: try deadline.wait(for: Int16(POLLOUT), on: descriptor)
            }
        }
    }

    /// Closes the sending side.
    package func finishWriting() throws(SocketError) {
        let raw = descriptor.raw
        _ = try SystemCall.retry32("shutdown") { shutdown(raw, Int32(SHUT_WR)) }
    }

    /// Receives at least one byte and at most `maximum`; empty at the peer's end.
    package func receive(maximum: Int, timeout: UInt64) throws(SocketError) -> [UInt8] {
        try receive(maximum: maximum, until: Deadline(timeout))
    }

    /// Receives until the peer's end. More than `limit` bytes are an error.
    package func receiveAll(limit: Int, timeout: UInt64) throws(SocketError) -> [UInt8] {
        let deadline = Deadline(timeout)
        var bytes: [UInt8] = []
        while true {
            let next = try receive(maximum: Self.chunkBytes, until: deadline)
            if next.isEmpty { return bytes }
            guard next.count <= limit - bytes.count else { throw .answerTooLong(limit: limit) }
            bytes.append(contentsOf: next)
        }
    }

    func receive(maximum: Int, until deadline: Deadline) throws(SocketError) -> [UInt8] {
        precondition(maximum > 0)
        var buffer = [UInt8](repeating: 0, count: min(maximum, Self.chunkBytes))
        while true {
            switch try descriptor.receive(into: &buffer) {
            case .done(let count): return Array(buffer[..<count])
            case .wouldBlock: try deadline.wait(for: Int16(POLLIN), on: descriptor)
            }
        }
    }
}
