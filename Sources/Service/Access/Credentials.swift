internal import Sockets
internal import Synchronization

/// The TLS certificate, its key, the client CA and the API keys, reloadable as one. They are loaded
/// once before the service listens, and again while it runs.
final class Credentials: Sendable {
    /// The name by which clients that use ALPN know what is spoken here.
    private static let applicationProtocol = "http/1.1"

    /// Nil when the service speaks clear text.
    let tls: TLSContextBox?
    let requiresClientCertificate: Bool
    private let keyFile: String?
    private let keys: Mutex<APIKeys?>

    /// A set that was loaded and is not in force yet.
    struct Loaded {
        let tls: TLSContext?
        let keys: APIKeys?
    }

    init(_ options: ServiceOptions) throws(CredentialsError) {
        var tls: TLSContextBox?
        if let certificate = options.tlsCertificate, let key = options.tlsKey {
            let files = TLSFiles(
                certificate: certificate, key: key, clientCA: options.tlsClientCA)
            do {
                tls = try TLSContextBox(
                    files: files, applicationProtocol: Self.applicationProtocol)
            } catch {
                throw CredentialsError(error, files)
            }
        }
        self.tls = tls
        requiresClientCertificate = options.tlsClientCA != nil
        keyFile = options.apiKeyFile
        keys = Mutex(try Self.keys(in: options.apiKeyFile))
    }

    /// The keys in force; nil when none are asked for.
    var apiKeys: APIKeys? { keyFile == nil ? nil : keys.withLock { $0 } }

    /// The defect of the certificate in force, which is used nevertheless.
    var certificateDefect: TLSCertificateDefect? { tls?.current.certificateDefect }

    /// Loads all files without putting them in force.
    func load() throws(CredentialsError) -> Loaded {
        Loaded(tls: try loadTLS(), keys: try Self.keys(in: keyFile))
    }

    private func loadTLS() throws(CredentialsError) -> TLSContext? {
        guard let tls else { return nil }
        do { return try tls.load() } catch { throw CredentialsError(error, tls.files) }
    }

    /// Puts a set in force, for the connections and requests to come.
    func use(_ loaded: Loaded) {
        if let context = loaded.tls { tls?.use(context) }
        keys.withLock { $0 = loaded.keys }
    }

    private static func keys(in file: String?) throws(CredentialsError) -> APIKeys? {
        guard let file else { return nil }
        let text: [UInt8]
        do { text = try SmallFile.read(file, limit: APIKeys.fileBytes) } catch {
            throw CredentialsError(.keyFile(error), keyFile: file)
        }
        do { return try APIKeys(parsing: text, path: file) } catch {
            throw CredentialsError(.keys(error), keyFile: file)
        }
    }
}
