internal import Digests
internal import HTTPMessages
internal import HTTPTypes

/// The keys that open the service, as digests: what is kept cannot be sent as a key.
struct APIKeys: Sendable {
    /// Bytes of a key at most; a longer one is refused before it is hashed.
    static let maxKeyBytes = 512
    static let maxKeys = 1024
    /// All keys at their longest, with room for comments.
    static let fileBytes = 1024 * 1024

    private let digests: [SHA256Digest]

    /// Reads one key a line. Blank lines and lines that begin with # are left out, and so is white
    /// space around a key. A file without a key is refused, because it would admit nobody.
    init(parsing text: [UInt8], path: String) throws(APIKeysError) {
        var digests: [SHA256Digest] = []
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let key = Self.trimmed(line)
            if key.isEmpty || key.first == UInt8(ascii: "#") { continue }
            guard key.count <= Self.maxKeyBytes, key.allSatisfy(Self.isVisible) else {
                throw .line(path: path, number: index + 1)
            }
            guard digests.count < Self.maxKeys else { throw .tooMany(path: path) }
            do { digests.append(try SHA256.digest(of: Array(key))) } catch {
                throw .digest(error)
            }
        }
        guard !digests.isEmpty else { throw .none(path: path) }
        self.digests = digests
    }

    /// The name of a key that is among them, else nil. It is compared with every one, to its end,
    /// so that the time tells nothing about them.
    func id(of key: Substring) -> APIKeyID? {
        guard (1...Self.maxKeyBytes).contains(key.utf8.count),
            let digest = try? SHA256.digest(of: Array(key.utf8))
        else { return nil }
        let isKnown = digests.reduce(false) { found, other in (digest == other) || found }
        return isKnown ? APIKeyID(digest) : nil
    }

    private static func isVisible(_ byte: UInt8) -> Bool { (0x21...0x7E).contains(byte) }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let blanks = Array(" \t\r".utf8)
        let start = line.drop { blanks.contains($0) }
        guard let end = start.lastIndex(where: { !blanks.contains($0) }) else { return [] }
        return start[...end]
    }
}

/// The name of a key: the same for all who show it, before and after a reload. It tells nobody the
/// key, and is not meant to be told to anybody.
struct APIKeyID: Hashable, Sendable {
    /// The first bytes of the key's digest.
    let number: UInt64

    init(_ digest: SHA256Digest) {
        number = digest.bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// A reason to refuse a file of keys; it never quotes the file.
enum APIKeysError: Error, Equatable, CustomStringConvertible {
    case none(path: String)
    case tooMany(path: String)
    case line(path: String, number: Int)
    case digest(DigestError)

    var description: String {
        switch self {
        case .none(let path): "\(path) holds no key"
        case .tooMany(let path): "\(path) holds more than \(APIKeys.maxKeys) keys"
        case .line(let path, let number):
            "\(path), line \(number): a key has 1 to \(APIKeys.maxKeyBytes) visible ASCII "
                + "characters"
        case .digest(let error): "\(error)"
        }
    }
}

/// The key that a request shows: `Authorization: Bearer` (RFC 6750 §2.1).
enum BearerKey {
    /// Nil when the request has no such header, or more than one.
    static func of(_ headers: HTTPHeaders) -> Substring? {
        let values = headers.values(of: .authorization)
        guard values.count == 1, let space = values[0].firstIndex(of: " "),
            values[0][..<space].lowercased() == "bearer"
        else { return nil }
        let key = values[0][space...].drop { $0 == " " }
        return key.isEmpty ? nil : key
    }
}
