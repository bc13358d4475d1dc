import Synchronization

/// Where a server's credentials lie, in PEM.
package struct TLSFiles: Sendable, Equatable {
    /// The certificate, then those that lead from it to its issuer.
    package var certificate: String
    package var key: String
    /// Issuers of client certificates; nil asks for none.
    package var clientCA: String?

    /// More than a chain that clients take (OpenSSL: 100 KiB), with the text around it.
    static let certificateBytes = 256 * 1024
    static let keyBytes = 64 * 1024
    static let clientCABytes = 1024 * 1024

    package init(certificate: String, key: String, clientCA: String? = nil) {
        self.certificate = certificate
        self.key = key
        self.clientCA = clientCA
    }
}

/// The context in force, which new connections take; it can be exchanged while a server runs.
/// Sessions that have begun keep the one they began with.
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

    /// Loads the files anew, beside the context in force, which stays until `use`.
    package func load() throws(TLSError) -> TLSContext {
        try Self.load(files, applicationProtocol)
    }

    /// Puts a context in force.
    package func use(_ new: TLSContext) { context.withLock { $0 = new } }

    private static func load(
        _ files: TLSFiles, _ applicationProtocol: String
    ) throws(TLSError) -> TLSContext {
        let credentials = try TLSCredentials(
            certificate: PEM(path: files.certificate, limit: TLSFiles.certificateBytes),
            key: PEM(path: files.key, limit: TLSFiles.keyBytes))
        var clientCA: PEM?
        if let path = files.clientCA {
            clientCA = try PEM(path: path, limit: TLSFiles.clientCABytes)
        }
        return try TLSContext(
            server: credentials, clientCA: clientCA, applicationProtocol: applicationProtocol)
    }
}
