/// The reason why OpenSSL could not compute a digest. None depends on the bytes hashed.
package enum DigestError: Error, Equatable, Sendable, CustomStringConvertible {
    case unavailable
    case updateFailed(byteCount: Int)
    case finalizeFailed

    package var description: String {
        switch self {
        case .unavailable: "OpenSSL offers no SHA-256 or has no memory for it"
        case .updateFailed(let byteCount): "OpenSSL failed to hash \(byteCount) bytes"
        case .finalizeFailed: "OpenSSL failed to finish a SHA-256 digest"
        }
    }
}
