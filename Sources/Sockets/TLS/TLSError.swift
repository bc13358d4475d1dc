import COpenSSL

/// The reason why TLS cannot begin or a session ended. Codes are OpenSSL's.
package enum TLSError: Error, Equatable, Sendable {
    case file(SmallFileError)
    /// The file has no certificate in PEM.
    case noCertificate(path: String)
    /// The file has no private key in PEM.
    case noKey(path: String)
    /// The key is protected by a pass phrase, which nobody is there to type.
    case encryptedKey(path: String)
    /// A certificate in the file is damaged.
    case malformed(path: String, code: UInt)
    /// The key is not that of the certificate.
    case keyMismatch(certificate: String, key: String)
    /// OpenSSL refuses the file's content: a key that is too short, for instance.
    case refused(path: String, code: UInt)
    /// OpenSSL fails at something that every session needs, for lack of memory for instance.
    case unavailable(code: UInt)
    /// The peer broke the protocol, sent an alert, or has nothing in common; 0 if OpenSSL does not
    /// say why.
    case session(code: UInt)
    /// The peer's certificate does not lead to a trusted one.
    case untrustedPeer(verification: Int)
    /// The handshake was not over in time.
    case handshakeTimeout(nanoseconds: UInt64)
}

extension TLSError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .file(let error): "\(error)"
        case .noCertificate(let path): "\(path) holds no certificate in PEM"
        case .noKey(let path): "\(path) holds no private key in PEM that can be read"
        case .encryptedKey(let path): "the key in \(path) is protected by a pass phrase"
        case .malformed(let path, let code): "\(path) is damaged: \(Self.reason(code))"
        case .keyMismatch(let certificate, let key):
            "the key in \(key) is not that of the certificate in \(certificate)"
        case .refused(let path, let code): "\(path) cannot be used: \(Self.reason(code))"
        case .unavailable(let code): "OpenSSL: \(Self.reason(code))"
        case .session(let code): "TLS: \(Self.reason(code))"
        case .untrustedPeer(let verification):
            "the peer's certificate is not trusted: \(Self.verificationText(verification))"
        case .handshakeTimeout(let nanoseconds):
            "no TLS session within \(nanoseconds / 1_000_000) ms"
        }
    }

    private static func reason(_ code: UInt) -> String {
        guard let text = unsafe ERR_reason_error_string(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }

    private static func verificationText(_ code: Int) -> String {
        guard let text = unsafe X509_verify_cert_error_string(code) else { return "code \(code)" }
        return unsafe String(cString: text)
    }

    /// The first error in this thread's queue, which is the cause of the others.
    static var queuedCode: UInt { ERR_peek_error() }
}
