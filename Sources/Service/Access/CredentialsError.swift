internal import Sockets

/// A reason why files of credentials cannot be used, with the arguments that name them.
struct CredentialsError: Error, CustomStringConvertible {
    enum Reason: Sendable {
        case tls(TLSError)
        case keyFile(SmallFileError)
        case keys(APIKeysError)
    }

    /// For example `--tls-key /run/tls.key`; none where the reason is no file's.
    let arguments: [String]
    let reason: Reason

    init(_ error: TLSError, _ files: TLSFiles) {
        let named = [
            ("--tls-certificate", files.certificate), ("--tls-key", files.key),
            ("--tls-client-ca", files.clientCA ?? ""),
        ]
        let paths = error.paths
        arguments = named.filter { paths.contains($0.1) }.map { "\($0) \($1)" }
        reason = .tls(error)
    }

    init(_ reason: Reason, keyFile: String) {
        arguments = ["--api-key-file \(keyFile)"]
        self.reason = reason
    }

    var description: String {
        let start = arguments.isEmpty ? "" : arguments.joined(separator: " ") + ": "
        return start + cause + wayOut
    }

    private var cause: String {
        switch reason {
        case .tls(let error): "\(error)"
        case .keyFile(let error): "\(error)"
        case .keys(let error): "\(error)"
        }
    }

    private var wayOut: String {
        switch reason {
        case .tls(.file(.unreadable)), .tls(.file(.notRegular)), .keyFile(.unreadable),
            .keyFile(.notRegular):
            ": give a file that is there and that this user may read"
        case .tls(.noCertificate): ": it must have a block BEGIN CERTIFICATE"
        case .tls(.noKey): ": it must have a block BEGIN PRIVATE KEY"
        case .tls(.encryptedKey): ": write it without one, for example with openssl pkey"
        default: ""
        }
    }
}

extension TLSError {
    /// The files that the error is about.
    fileprivate var paths: [String] {
        switch self {
        case .file(let error): [error.path]
        case .noCertificate(let path), .noKey(let path), .encryptedKey(let path),
            .malformed(let path, _), .refused(let path, _):
            [path]
        case .keyMismatch(let certificate, let key): [certificate, key]
        case .unavailable, .session, .untrustedPeer, .handshakeTimeout: []
        }
    }
}

extension SmallFileError {
    fileprivate var path: String {
        switch self {
        case .unreadable(let path, _), .notRegular(let path), .tooLong(let path, _): path
        }
    }
}
