import COpenSSL

/// One end of a TLS session: the only owner of an `SSL`, over buffers in memory. Bytes from the
/// peer go in by `receive`, bytes for it come out by `takeOutput`; no socket is touched.
///
/// OpenSSL reports errors through a queue of the thread, where an old entry would be taken for the
/// cause of a new failure. So the queue is cleared before each call.
@safe
struct TLSSession: ~Copyable {
    /// Plaintext of one record (RFC 8446 §5.1): the most that one `read` gives or one `write`
    /// takes.
    static let maxRecordBytes = 16 * 1024

    /// The outcome of a call.
    enum Outcome: Equatable {
        /// It is done; the bytes it read or wrote, if it does either.
        case complete(Int)
        /// It needs more bytes from the peer.
        case wantRead
        /// It needs room for output.
        case wantWrite
        /// The peer has closed its sending side.
        case closed
        /// The session is over; an alert for the peer may be among the output.
        case failed(TLSError)
    }

    let ssl: OpaquePointer
    /// Keeps the data of OpenSSL's callbacks alive, even when another context is in force.
    private let context: TLSContext
    private let buffers = TLSBuffers()

    init(_ context: TLSContext) throws(TLSError) {
        let ssl = unsafe try context.makeSession()
        guard let bio = unsafe buffers.makeBIO() else {
            unsafe SSL_free(ssl)
            throw .unavailable(code: TLSError.queuedCode)
        }
        unsafe self.ssl = unsafe ssl
        self.context = context
        // From here on the session owns the BIO, which serves both directions.
        unsafe SSL_set_bio(ssl, bio, bio)
        if context.isServer {
            unsafe SSL_set_accept_state(ssl)
        } else {
            unsafe SSL_set_connect_state(ssl)
        }
    }

    deinit { unsafe SSL_free(ssl) }

    /// Takes bytes from the peer.
    mutating func receive(_ bytes: Span<UInt8>) { buffers.receive(bytes) }

    /// Takes the bytes to send to the peer.
    mutating func takeOutput() -> [UInt8] { buffers.takeOutput() }

    /// Bytes that `takeOutput` would return.
    var outputCount: Int { buffers.output.count }

    /// Whether the peer presented a certificate that leads to a trusted one.
    var isPeerVerified: Bool {
        unsafe SSL_get0_peer_certificate(ssl) != nil
            && SSL_get_verify_result(ssl) == Int(X509_V_OK)
    }

    mutating func handshake() -> Outcome { unsafe call { unsafe SSL_do_handshake($0) } }

    /// Appends the peer's next plaintext, at most a record.
    mutating func read(into plaintext: inout [UInt8]) -> Outcome {
        var outcome = Outcome.wantRead
        let record = unsafe [UInt8](unsafeUninitializedCapacity: Self.maxRecordBytes) {
            buffer, count in
            outcome = unsafe call {
                unsafe SSL_read($0, buffer.baseAddress, Int32(buffer.count))
            }
            if case .complete(let bytes) = outcome { count = bytes }
        }
        plaintext.append(contentsOf: record)
        return outcome
    }

    /// Encrypts bytes from `offset` on, at least one and at most a record of them.
    mutating func write(_ bytes: [UInt8], from offset: Int) -> Outcome {
        precondition(offset >= 0 && offset < bytes.count)
        let count = min(bytes.count - offset, Self.maxRecordBytes)
        return unsafe bytes.withUnsafeBytes { buffer in
            unsafe call {
                unsafe SSL_write($0, buffer.baseAddress.map { unsafe $0 + offset }, Int32(count))
            }
        }
    }

    /// Tells the peer that no more data follows. Reading continues.
    mutating func shutDown() -> Outcome {
        unsafe call {
            // 0 means that the peer has not closed its side yet, which does not matter here.
            unsafe SSL_shutdown($0) < 0 ? -1 : 1
        }
    }

    private func call(_ body: (OpaquePointer) -> Int32) -> Outcome {
        ERR_clear_error()
        let result = unsafe body(ssl)
        if result > 0 { return .complete(Int(result)) }
        switch unsafe SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ: return .wantRead
        case SSL_ERROR_WANT_WRITE: return .wantWrite
        case SSL_ERROR_ZERO_RETURN: return .closed
        default: return .failed(failure)
        }
    }

    private var failure: TLSError {
        let code = TLSError.queuedCode
        let verification = unsafe SSL_get_verify_result(ssl)
        guard ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED,
            verification != Int(X509_V_OK)
        else { return .session(code: code) }
        return .untrustedPeer(verification: verification)
    }
}
