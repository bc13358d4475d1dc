import COpenSSL

/// A PEM text with its path, for error messages.
struct PEM {
    let path: String
    let bytes: [UInt8]

    /// Reads a file of at most `limit` bytes.
    init(path: String, limit: Int) throws(TLSError) {
        do { bytes = try SmallFile.read(path, limit: limit) } catch { throw .file(error) }
        self.path = path
    }

    init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }

    /// All certificates of the text in order, at least one. Anything else in the text is skipped.
    func certificates() throws(TLSError) -> [Certificate] {
        ERR_clear_error()
        var found: [Certificate] = []
        unsafe withBIO { bio in
            while let x509 = unsafe PEM_read_bio_X509(bio, nil, Self.noPassPhrase, nil) {
                unsafe found.append(Certificate(owning: x509))
            }
        }
        let code = ERR_peek_last_error()
        ERR_clear_error()
        guard ERR_GET_REASON(code) == PEM_R_NO_START_LINE else {
            throw .malformed(path: path, code: code)
        }
        guard !found.isEmpty else { throw .noCertificate(path: path) }
        return found
    }

    /// The first private key of the text.
    func privateKey() throws(TLSError) -> PrivateKey {
        ERR_clear_error()
        var wasAsked = false
        let key = unsafe withBIO { bio in
            unsafe PEM_read_bio_PrivateKey(bio, nil, Self.noPassPhrase, &wasAsked)
        }
        ERR_clear_error()
        guard let key = unsafe key else {
            throw wasAsked ? .encryptedKey(path: path) : .noKey(path: path)
        }
        return unsafe PrivateKey(owning: key)
    }

    private func withBIO<Value>(_ body: (OpaquePointer) -> Value?) -> Value? {
        unsafe bytes.withUnsafeBytes { buffer in
            guard let bio = unsafe BIO_new_mem_buf(buffer.baseAddress, Int32(buffer.count))
            else { return nil }
            defer { unsafe BIO_free(bio) }
            return unsafe body(bio)
        }
    }

    /// Replaces OpenSSL's callback, which would ask on the terminal; notes that it was called.
    private static let noPassPhrase:
        @convention(c) (
            UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?
        ) -> Int32 = { _, _, _, wasAsked in
            unsafe wasAsked?.storeBytes(of: true, as: Bool.self)
            return -1
        }
}

/// An X.509 certificate; its only owner.
@safe
final class Certificate {
    let pointer: OpaquePointer

    init(owning pointer: OpaquePointer) { unsafe self.pointer = unsafe pointer }

    deinit { unsafe X509_free(pointer) }

    /// Whether the certificate is not valid yet or no longer; nil if it is valid now.
    var defect: TLSCertificateDefect? {
        if unsafe X509_cmp_current_time(X509_get0_notBefore(pointer)) > 0 { return .notYetValid }
        if unsafe X509_cmp_current_time(X509_get0_notAfter(pointer)) < 0 { return .expired }
        return nil
    }
}

/// A defect of a certificate that is used nevertheless: clients will refuse it.
package enum TLSCertificateDefect: Sendable, Equatable {
    case expired
    case notYetValid
}

/// A private key; its only owner.
@safe
final class PrivateKey {
    let pointer: OpaquePointer

    init(owning pointer: OpaquePointer) { unsafe self.pointer = unsafe pointer }

    deinit { unsafe EVP_PKEY_free(pointer) }
}

/// A certificate with its key and the chain that leads to its issuer.
struct TLSCredentials {
    let chain: [Certificate]
    let leaf: Certificate
    let key: PrivateKey
    let certificatePath: String

    init(certificate: PEM, key: PEM) throws(TLSError) {
        let certificates = try certificate.certificates()
        leaf = certificates[0]
        chain = Array(certificates.dropFirst())
        self.key = try key.privateKey()
        certificatePath = certificate.path
        guard unsafe X509_check_private_key(leaf.pointer, self.key.pointer) == 1 else {
            ERR_clear_error()
            throw .keyMismatch(certificate: certificate.path, key: key.path)
        }
    }
}
