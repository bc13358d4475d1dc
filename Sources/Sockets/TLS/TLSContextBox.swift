import Synchronization

/// The paths of a server's credentials, in PEM.
package struct TLSFiles: Sendable, Equatable {
    /// The certificate, followed by the chain that leads to its issuer.
    package var certificate: String
    package var key: String
    /// Issuers of client certificates; nil to ask for none.
    package var clientCA: String?

    /// More than the longest chain that clients accept (OpenSSL: 100 KiB), with the text around it.
    static let maxCertificateBytes = 256 * 1024
    static let maxKeyBytes = 64 * 1024
    static let maxClientCABytes = 1024 * 1024

    package init(certificate: String, key: String, clientCA: String? = nil) {
        self.certificate = certificate
        self.key = key
        self.clientCA = clientCA
    }
}

/// The context in force, which new connections use. It can be replaced while a server runs;
/// sessions that have begun keep theirs.
package final class TLSContextBox: Sendable {
    package let files: TLSFiles
    private let applicationProtocol: String
    private let context: Mutex<TLSContext>

    /// Loads the files.
    package init(files: TLSFiles, applicationProtocol: String) throws(TLSError) {
        self.files = files
        self.applicationProtocol = applicationProtocol
        context = Mutex(try Self.load(files, applicationProtocol))
    }

    package var current: TLSContext { context.withLock { $0 } }

    /// Loads the files again. The context in force stays until `use`.
    package func load() throws(TLSError) -> TLSContext {
        try Self.load(files, applicationProtocol)
    }

    /// Puts a context in force.
    package func use(_ new: TLSContext) { context.withLock { $0 = new } }

    private static func load(
        _ files: TLSFiles, _ applicationProtocol: String
    ) throws(TLSError) -> TLSContext {
        let credentials = try TLSCredentials(
            certificate: PEM(path: files.certificate, limit: TLSFiles.maxCertificateBytes),
            key: PEM(path: files.key, limit: TLSFiles.maxKeyBytes))
        var clientCA: PEM?
        if let path = files.clientCA {
            clientCA = try PEM(path: path, limit: TLSFiles.maxClientCABytes)
        }
        return try TLSContext(
            server: credentials, clientCA: clientCA, applicationProtocol: applicationProtocol)
    }
}
