/// A small blocking client for TLS, for probes and tests. Every call has its own timeout in
/// nanoseconds.
package struct TLSClientSocket: ~Copyable {
    /// Bytes of ciphertext per read.
    private static let chunkBytes = 16 * 1024

    private let socket: ClientSocket
    private let stream: TLSStream

    private init(_ socket: consuming ClientSocket, _ stream: TLSStream) {
        self.socket = socket
        self.stream = stream
    }

    /// Connects to a server that is known by a file of certificates, all of them trusted.
    package static func connect(
        host: String, port: Int, trusting certificateFile: String, timeout: UInt64
    ) throws(SocketError) -> TLSClientSocket {
        let context = try context(trusting: certificateFile)
        let socket = try ClientSocket(host: host, port: port, timeout: timeout)
        return try begin(socket, context, timeout: timeout)
    }

    /// Makes the handshake over a connected socket.
    static func begin(
        _ socket: consuming ClientSocket, _ context: TLSContext, timeout: UInt64
    ) throws(SocketError) -> TLSClientSocket {
        let client = TLSClientSocket(socket, try stream(context))
        let deadline = Deadline(timeout)
        _ = try client.take([], until: deadline)
        while !client.stream.isEstablished { _ = try client.receive(until: deadline) }
        return client
    }

    private static func context(trusting path: String) throws(SocketError) -> TLSContext {
        do {
            let file = try PEM(path: path, limit: TLSFiles.maxCertificateBytes)
            return try TLSContext(clientTrusting: file.certificates())
        } catch { throw .tls(error) }
    }

    private static func stream(_ context: TLSContext) throws(SocketError) -> TLSStream {
        do { return try TLSStream(context) } catch { throw .tls(error) }
    }

    /// Sends all bytes.
    package func send(_ bytes: [UInt8], timeout: UInt64) throws(SocketError) {
        let deadline = Deadline(timeout)
        var offset = 0
        while offset < bytes.count {
            let taken = stream.encrypt(bytes, from: offset)
            if let failure = stream.failure { throw .tls(failure) }
            offset += taken
            try sendOutput(until: deadline)
        }
    }

    /// Sends close_notify and closes the sending side.
    package func finishWriting(timeout: UInt64) throws(SocketError) {
        stream.shutDown()
        try sendOutput(until: Deadline(timeout))
        try socket.finishWriting()
    }

    /// Receives until the peer's end. More than `limit` bytes are an error.
    package func receiveAll(limit: Int, timeout: UInt64) throws(SocketError) -> [UInt8] {
        let deadline = Deadline(timeout)
        var bytes: [UInt8] = []
        while true {
            guard let received = try receive(until: deadline) else { return bytes }
            bytes.append(contentsOf: received.plaintext)
            guard bytes.count <= limit else { throw .answerTooLong(limit: limit) }
            if received.isEnd { return bytes }
        }
    }

    /// The next plaintext; nil at the end of the socket's stream.
    private func receive(until deadline: Deadline) throws(SocketError) -> TLSStream.Received? {
        let bytes = try socket.receive(maximum: Self.chunkBytes, until: deadline)
        guard !bytes.isEmpty || stream.isEstablished else { throw .closedByPeer }
        return bytes.isEmpty ? nil : try take(bytes, until: deadline)
    }

    private func take(
        _ bytes: [UInt8], until deadline: Deadline
    ) throws(SocketError) -> TLSStream.Received {
        let received = stream.receive(bytes.span)
        try sendOutput(until: deadline)
        if let failure = stream.failure { throw .tls(failure) }
        return received
    }

    private func sendOutput(until deadline: Deadline) throws(SocketError) {
        while let (bytes, offset) = stream.next {
            try socket.send(Array(bytes[offset...]), until: deadline)
            stream.advance(bytes.count - offset)
        }
    }
}
