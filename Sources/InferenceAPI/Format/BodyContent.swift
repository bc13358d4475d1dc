internal import ByteText

/// Content that a body turns out to have in the place of what its type says, by its first bytes. It
/// is looked for only in a body that cannot be read, so that the error can say what to do.
package enum BodyContent: Sendable, Hashable {
    case json
    /// Text in another encoding than UTF-8.
    case text(TextEncoding)
    case array
    /// An array without its zero bytes and line ends, as `curl -d` sends a file.
    case strippedArray
    /// An array that was decoded as text and encoded as UTF-8, as scripting languages send texts.
    case recodedArray
    /// A ZIP archive, such as an `.npz`.
    case archive
    case gzip

    private static let arrayName = Array("NUMPY".utf8)

    /// Nil for anything else. O(1), but for an array that was changed, whose bytes are all read.
    init?(of body: Span<UInt8>) {
        if let encoding = TextEncoding(of: body) {
            self = .text(encoding)
        } else if Self.begins(body, [0x93] + Self.arrayName) {
            self = Self.isStripped(body) ? .strippedArray : .array
        } else if Self.begins(body, [0xEF, 0xBF, 0xBD] + Self.arrayName)
            || Self.begins(body, [0xC2, 0x93] + Self.arrayName)
        {
            self = .recodedArray
        } else if Self.begins(body, Array("PK\u{3}\u{4}".utf8)) {
            self = .archive
        } else if Self.begins(body, [0x1f, 0x8b]) {
            self = .gzip
        } else if Self.beginsJSON(body) {
            self = .json
        } else {
            return nil
        }
    }

    private static func begins(_ body: Span<UInt8>, _ start: [UInt8]) -> Bool {
        body.count >= start.count && start.indices.allSatisfy { body[$0] == start[$0] }
    }

    /// Every array has a zero byte, the minor version, behind name and major version. Some versions
    /// of curl leave out whatever stands between a zero byte and the next line end, which may be
    /// all the rest.
    private static func isStripped(_ body: Span<UInt8>) -> Bool {
        body.count >= arrayName.count + 2
            && body.indices.allSatisfy { body[$0] != 0x00 && body[$0] != 0x0A && body[$0] != 0x0D }
    }

    private static func beginsJSON(_ body: Span<UInt8>) -> Bool {
        let start = (ByteOrderMark.length(in: body)..<body.count).first {
            body[$0] != 0x20 && body[$0] != 0x09 && body[$0] != 0x0A && body[$0] != 0x0D
        }
        return start.map { body[$0] == UInt8(ascii: "{") || body[$0] == UInt8(ascii: "[") } ?? false
    }
}

extension BodyContent: CustomStringConvertible {
    package var description: String {
        switch self {
        case .json: "JSON"
        case .text(let encoding): "text in \(encoding.rawValue)"
        case .array: "a NumPy array"
        case .strippedArray, .recodedArray: "a NumPy array whose bytes were changed on the way"
        case .archive: "a ZIP archive, such as an .npz"
        case .gzip: "compressed with gzip"
        }
    }
}

/// The format that a body should have had.
package enum ExpectedContent: Sendable, Hashable {
    case json, array

    /// The way out for a client that sends something else.
    func advice(for content: BodyContent) -> String {
        switch content {
        case .json: "send it with Content-Type: application/json"
        case .text: self == .json ? "encode it as UTF-8 (RFC 8259, section 8.1)" : Self.oneArray
        case .array: "send it with Content-Type: application/x-npy"
        case .strippedArray:
            "curl -d drops zero bytes and line ends; send the file with --data-binary"
                + (self == .json ? " and Content-Type: application/x-npy" : "")
        case .recodedArray: "send the file's bytes, not a text that was made of them"
        case .archive: self == .json ? "send JSON" : Self.oneArray
        case .gzip: "send it with Content-Encoding: gzip"
        }
    }

    private static let oneArray = "send one array as numpy.save writes it"
}
