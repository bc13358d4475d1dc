import COpenSSL

/// One end of a TLS session: the only owner of an `SSL`, over buffers in memory. Bytes of the peer
/// go in by `receive`, bytes for it come out of `takeOutput`; nothing here touches a socket.
///
/// OpenSSL reports errors through a queue of the thread, where an old entry would be taken for the
/// cause of a new failure: the queue is cleared before each call.
@safe
struct TLSSession: ~Copyable {
    /// Plaintext of a record at most (RFC 8446 §5.1): what one `read` brings, and one `write` takes.
    static let recordBytes = 16 * 1024

    /// What a call came to.
    enum Outcome: Equatable {
        /// It did its work; the bytes it read or wrote, where it does either.
        case complete(Int)
        /// It goes on when more bytes of the peer have come.
        case wantRead
        /// It goes on when output has left.
        case wantWrite
        /// The peer has closed its sending side.
        case closed
        /// The session is over; an alert for the peer may be among the output.
        case failed(TLSError)
    }

    let ssl: OpaquePointer
    /// Owns what OpenSSL's callbacks look at, also after another context is in force.
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
        // The session owns the one BIO for both directions from here on.
        unsafe SSL_set_bio(ssl, bio, bio)
        if context.isServer {
            unsafe SSL_set_accept_state(ssl)
        } else {
            unsafe SSL_set_connect_state(ssl)
        }
    }

    deinit { unsafe SSL_free(ssl) }

    /// Takes bytes that came from the peer.
    mutating func receive(_ bytes: Span<UInt8>) { buffers.receive(bytes) }

    /// Hands out the bytes that the peer is to get.
    mutating func takeOutput() -> [UInt8] { buffers.takeOutput() }

    /// Bytes that `takeOutput` would hand out.
    var outputCount: Int { buffers.output.count }

    /// Whether the peer showed a certificate that leads to a trusted one.
    var isPeerVerified: Bool {
        unsafe SSL_get0_peer_certificate(ssl) != nil
            && SSL_get_verify_result(ssl) == Int(X509_V_OK)
    }

    mutating func handshake() -> Outcome { unsafe call { unsafe SSL_do_handshake($0) } }

    /// Appends the next of the peer's plaintext, at most a record.
    mutating func read(into plaintext: inout [UInt8]) -> Outcome {
        var outcome = Outcome.wantRead
        let record = unsafe [UInt8](unsafeUninitializedCapacity: Self.recordBytes) {
            buffer, count in
            outcome = unsafe call {
                unsafe SSL_read($0, buffer.baseAddress, Int32(buffer.count))
            }
            if case .complete(let bytes) = outcome { count = bytes }
        }
        plaintext.append(contentsOf: record)
        return outcome
    }

    /// Encrypts bytes from `offset` on, at most a record of them; at least one must be there.
    mutating func write(_ bytes: [UInt8], from offset: Int) -> Outcome {
        precondition(offset >= 0 && offset < bytes.count)
        let count = min(bytes.count - offset, Self.recordBytes)
        return unsafe bytes.withUnsafeBytes { buffer in
            unsafe call {
                unsafe SSL_write($0, buffer.baseAddress.map { unsafe $0 + offset }, Int32(count))
            }
        }
    }

    /// Tells the peer that nothing more will come; reading goes on.
    mutating func shutDown() -> Outcome {
        unsafe call {
            // 0 says that the peer has not closed its side yet, which is no matter here.
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
