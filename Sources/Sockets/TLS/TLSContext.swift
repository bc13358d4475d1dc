import COpenSSL

/// The common settings of one side's sessions: credentials, trusted issuers, rules. Immutable.
///
/// With a client CA, a client without a certificate gets a session all the same, which says so
/// (`StreamConnection.isPeerVerified`), so that some endpoints can be open to everybody on the same
/// port. A certificate that does not lead to the CA ends the handshake.
// Safety: the pointer is set once. OpenSSL counts a context's references atomically and guards the
// state that its sessions share with locks of its own; nothing here changes it after `init`.
@safe
package final class TLSContext: @unchecked Sendable {
    private let pointer: OpaquePointer
    /// The protocol that ALPN selects; the context's callback holds its address.
    private let applicationProtocol: ApplicationProtocol
    let isServer: Bool
    /// A defect of the server's own certificate, which is used nevertheless.
    package let certificateDefect: TLSCertificateDefect?

    /// A context for a server that speaks one protocol: clients that offer only others are refused,
    /// those that offer none are served.
    ///
    /// - Parameter clientCA: issuers of client certificates; nil to ask for none.
    init(
        server credentials: TLSCredentials, clientCA: PEM?, applicationProtocol: String
    ) throws(TLSError) {
        unsafe pointer = unsafe try Self.makePointer(TLS_server_method())
        isServer = true
        self.applicationProtocol = ApplicationProtocol(applicationProtocol)
        certificateDefect = credentials.leaf.defect
        try use(credentials)
        // Only sessions of the same context are resumed, and OpenSSL needs a name for the context.
        let name = Array("headserve".utf8)
        guard unsafe SSL_CTX_set_session_id_context(pointer, name, UInt32(name.count)) == 1 else {
            throw .unavailable(code: TLSError.queuedCode)
        }
        if let clientCA { try requestCertificates(from: clientCA) }
        selectProtocol()
    }

    /// A context for a client that trusts the given certificates, whatever the host's name: the
    /// server is on this machine and known by its file. Certificates may have expired, since that
    /// server runs on all the same.
    init(
        clientTrusting anchors: [Certificate], credentials: TLSCredentials? = nil,
        offering protocols: [String] = [], highestVersion: Int32 = TLS1_3_VERSION
    ) throws(TLSError) {
        unsafe pointer = unsafe try Self.makePointer(TLS_client_method())
        isServer = false
        applicationProtocol = ApplicationProtocol("")
        certificateDefect = nil
        if let credentials { try use(credentials) }
        try trust(anchors, flags: X509_V_FLAG_NO_CHECK_TIME)
        unsafe SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
        let names = protocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        guard unsafe headserve_ssl_ctx_set_highest_version(pointer, highestVersion) == 1,
            unsafe SSL_CTX_set_alpn_protos(pointer, names, UInt32(names.count)) == 0
        else { throw .unavailable(code: TLSError.queuedCode) }
    }

    deinit { unsafe SSL_CTX_free(pointer) }

    /// A new session's `SSL`, which the caller owns.
    func makeSession() throws(TLSError) -> OpaquePointer {
        ERR_clear_error()
        guard let session = unsafe SSL_new(pointer) else {
            throw .unavailable(code: TLSError.queuedCode)
        }
        return unsafe session
    }

    private static func makePointer(_ method: OpaquePointer?) throws(TLSError) -> OpaquePointer {
        ERR_clear_error()
        guard let pointer = unsafe SSL_CTX_new(method) else {
            throw .unavailable(code: TLSError.queuedCode)
        }
        guard unsafe headserve_ssl_ctx_configure(pointer) == 1 else {
            unsafe SSL_CTX_free(pointer)
            throw .unavailable(code: TLSError.queuedCode)
        }
        return unsafe pointer
    }

    private func use(_ credentials: TLSCredentials) throws(TLSError) {
        ERR_clear_error()
        var isDone = unsafe SSL_CTX_use_certificate(pointer, credentials.leaf.pointer) == 1
        for certificate in credentials.chain where isDone {
            isDone =
                unsafe headserve_ssl_ctx_add_chain_certificate(pointer, certificate.pointer) == 1
        }
        guard isDone, unsafe SSL_CTX_use_PrivateKey(pointer, credentials.key.pointer) == 1 else {
            throw .refused(path: credentials.certificatePath, code: TLSError.queuedCode)
        }
    }

    /// Asks for certificates and checks them, without requiring one. Sessions are not resumed then,
    /// so that each proves its certificate to the CA in force.
    private func requestCertificates(from file: PEM) throws(TLSError) {
        let issuers = try file.certificates()
        try trust(issuers, flags: 0)
        for issuer in issuers {
            guard unsafe SSL_CTX_add_client_CA(pointer, issuer.pointer) == 1 else {
                throw .refused(path: file.path, code: TLSError.queuedCode)
            }
        }
        unsafe SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
        guard unsafe headserve_ssl_ctx_disable_tickets(pointer) == 1 else {
            throw .unavailable(code: TLSError.queuedCode)
        }
    }

    /// Trusts every given certificate, an intermediate one as much as a root.
    private func trust(_ anchors: [Certificate], flags: Int32) throws(TLSError) {
        ERR_clear_error()
        let store = unsafe SSL_CTX_get_cert_store(pointer)
        unsafe X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN | flags))
        for anchor in anchors {
            guard unsafe X509_STORE_add_cert(store, anchor.pointer) == 1 else {
                throw .unavailable(code: TLSError.queuedCode)
            }
        }
    }

    private func selectProtocol() {
        let wanted = unsafe Unmanaged.passUnretained(applicationProtocol).toOpaque()
        unsafe SSL_CTX_set_alpn_select_cb(
            pointer,
            { _, chosen, chosenLength, list, listLength, wanted in
                guard let wanted = unsafe wanted, let list = unsafe list else {
                    return SSL_TLSEXT_ERR_ALERT_FATAL
                }
                let name = unsafe Unmanaged<ApplicationProtocol>.fromOpaque(wanted)
                    .takeUnretainedValue().name
                let offered = unsafe UnsafeBufferPointer(start: list, count: Int(listLength))
                guard let range = unsafe ApplicationProtocol.find(name, in: offered.span) else {
                    return SSL_TLSEXT_ERR_ALERT_FATAL
                }
                unsafe chosen?.pointee = unsafe list + range.lowerBound
                unsafe chosenLength?.pointee = UInt8(range.count)
                return SSL_TLSEXT_ERR_OK
            }, wanted)
    }
}

/// The name of a protocol in ALPN (RFC 7301).
final class ApplicationProtocol: Sendable {
    let name: [UInt8]

    init(_ name: String) { self.name = Array(name.utf8) }

    /// The place of a name in a client's list, in which each follows its length.
    static func find(_ name: [UInt8], in list: Span<UInt8>) -> Range<Int>? {
        var start = 0
        while start < list.count {
            let range = (start + 1)..<(start + 1 + Int(list[start]))
            guard range.upperBound <= list.count else { return nil }
            if range.count == name.count, zip(range, name).allSatisfy({ list[$0] == $1 }) {
                return range
            }
            start = range.upperBound
        }
        return nil
    }
}
