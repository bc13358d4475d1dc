import COpenSSL
import Testing

@testable import Sockets

/// A certificate authority for one test, and what it issues: keys on P-256.
@safe
final class TestAuthority {
    private static let day = 86_400

    let certificate: PEM
    private let key: OpaquePointer
    private let x509: OpaquePointer

    init(name: String = "authority") throws {
        let key = unsafe try Self.makeKey()
        let x509 = unsafe try Self.make(
            name: name, key: key, days: -1...1, issuer: nil, issuerKey: key)
        certificate = unsafe PEM(path: name + ".pem", bytes: Self.text(of: x509))
        unsafe self.key = unsafe key
        unsafe self.x509 = unsafe x509
    }

    deinit {
        unsafe EVP_PKEY_free(key)
        unsafe X509_free(x509)
    }

    /// A certificate that holds in the given days, counted from now, and its key.
    func issue(_ name: String, days: ClosedRange<Int> = -1...1) throws -> (chain: PEM, key: PEM) {
        let subjectKey = unsafe try Self.makeKey()
        defer { unsafe EVP_PKEY_free(subjectKey) }
        let subject = unsafe try Self.make(
            name: name, key: subjectKey, days: days, issuer: x509, issuerKey: key)
        defer { unsafe X509_free(subject) }
        return unsafe (
            PEM(path: name + ".pem", bytes: Self.text(of: subject) + certificate.bytes),
            PEM(path: name + ".key", bytes: Self.keyText(of: subjectKey, passPhrase: nil))
        )
    }

    /// A key that only a pass phrase opens.
    static func encryptedKey() throws -> PEM {
        let key = unsafe try makeKey()
        defer { unsafe EVP_PKEY_free(key) }
        return PEM(path: "locked.key", bytes: unsafe keyText(of: key, passPhrase: "secret"))
    }

    private static func makeKey() throws -> OpaquePointer {
        let context = unsafe try #require(unsafe EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil))
        defer { unsafe EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        unsafe #expect(EVP_PKEY_keygen_init(context) == 1)
        unsafe #expect(
            EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) == 1)
        unsafe #expect(EVP_PKEY_keygen(context, &key) == 1)
        return unsafe try #require(unsafe key)
    }

    private static func make(
        name: String, key: OpaquePointer, days: ClosedRange<Int>, issuer: OpaquePointer?,
        issuerKey: OpaquePointer
    ) throws -> OpaquePointer {
        let x509 = unsafe try #require(unsafe X509_new())
        unsafe X509_set_version(x509, Int(X509_VERSION_3))
        unsafe ASN1_INTEGER_set(X509_get_serialNumber(x509), Int.random(in: 1...Int.max))
        unsafe X509_gmtime_adj(X509_getm_notBefore(x509), days.lowerBound * day)
        unsafe X509_gmtime_adj(X509_getm_notAfter(x509), days.upperBound * day)
        unsafe X509_set_pubkey(x509, key)
        let subject = unsafe X509_get_subject_name(x509)
        unsafe X509_NAME_add_entry_by_txt(
            subject, "CN", MBSTRING_FLAG | 1, Array(name.utf8), Int32(name.utf8.count), -1, 0)
        unsafe X509_set_issuer_name(
            x509, issuer.map { unsafe X509_get_subject_name($0) } ?? subject)
        if unsafe issuer == nil {
            let constraints = unsafe try #require(
                unsafe X509V3_EXT_conf_nid(nil, nil, NID_basic_constraints, "critical,CA:TRUE"))
            unsafe X509_add_ext(x509, constraints, -1)
            unsafe X509_EXTENSION_free(constraints)
        }
        unsafe #expect(X509_sign(x509, issuerKey, EVP_sha256()) > 0)
        return unsafe x509
    }

    private static func text(of x509: OpaquePointer) -> [UInt8] {
        unsafe written { unsafe PEM_write_bio_X509($0, x509) }
    }

    private static func keyText(of key: OpaquePointer, passPhrase: String?) -> [UInt8] {
        let phrase = passPhrase.map { Array($0.utf8) }
        return unsafe written {
            unsafe PEM_write_bio_PrivateKey(
                $0, key, phrase == nil ? nil : EVP_aes_256_cbc(), phrase,
                Int32(phrase?.count ?? 0), nil, nil)
        }
    }

    /// The text that OpenSSL writes into memory.
    private static func written(_ write: (OpaquePointer?) -> Int32) -> [UInt8] {
        let bio = unsafe BIO_new(BIO_s_mem())
        defer { unsafe BIO_free(bio) }
        unsafe #expect(write(bio) == 1)
        var bytes = [UInt8](repeating: 0, count: 16_384)
        let count = unsafe BIO_read(bio, &bytes, Int32(bytes.count))
        return Array(bytes[..<max(0, Int(count))])
    }
}

extension TestAuthority {
    /// A server's context with a certificate of this authority.
    func serverContext(
        days: ClosedRange<Int> = -1...1, clientCA: PEM? = nil
    ) throws -> TLSContext {
        let (chain, key) = try issue("server", days: days)
        return try TLSContext(
            server: TLSCredentials(certificate: chain, key: key), clientCA: clientCA,
            applicationProtocol: "http/1.1")
    }

    /// The context of a client that trusts this authority.
    func clientContext(
        credentials: TLSCredentials? = nil, offering protocols: [String] = [],
        highestVersion: Int32 = TLS1_3_VERSION
    ) throws -> TLSContext {
        try TLSContext(
            clientTrusting: certificate.certificates(), credentials: credentials,
            offering: protocols, highestVersion: highestVersion)
    }
}
