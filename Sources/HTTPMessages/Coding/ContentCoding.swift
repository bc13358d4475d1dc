import HTTPTypes

/// The supported content codings of request bodies (RFC 9110 §8.4.1).
package enum ContentCoding: Sendable, Equatable {
    case identity
    /// One or more gzip members (RFC 1952 §2.2), decoded to the end of the last.
    case gzip
    /// Deflate inside the zlib format (RFC 1950), which is the meaning of the name in HTTP.
    case deflate

    /// The `Accept-Encoding` value for a client whose coding is not supported.
    package static let accepted: StaticString = "gzip, deflate"

    /// The coding that the headers declare; nil for an unknown one or more than one.
    package init?(of headers: HTTPHeaders) {
        let values = headers.rawValues(of: .contentEncoding)
        guard let value = values.first else {
            self = .identity
            return
        }
        guard values.count == 1 else { return nil }
        if value.equalsIgnoringCase("gzip") || value.equalsIgnoringCase("x-gzip") {
            self = .gzip
        } else if value.equalsIgnoringCase("deflate") {
            self = .deflate
        } else if value.equalsIgnoringCase("identity") {
            self = .identity
        } else {
            return nil
        }
    }
}

/// The reason why a coded body could not be decoded.
package enum ContentCodingError: Error, Equatable, Sendable {
    /// An unsupported coding, or several on top of each other.
    case unsupported
    /// The bytes are not in the declared coding, or their checksum is wrong.
    case malformed
    /// The bytes end before the end of the coded body.
    case truncated
    /// Bytes follow the coded body: of gzip, bytes that begin no further member.
    case trailingBytes
    case tooLong(limit: Int)
    /// zlib had no memory.
    case outOfMemory
}

extension ContentCodingError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unsupported: "the body has a content coding other than gzip or deflate, or several"
        case .malformed: "the body is not what its Content-Encoding says"
        case .truncated: "the coded body ends too early"
        case .trailingBytes: "bytes follow after the end of the coded body"
        case .tooLong(let limit): "the decoded body is longer than \(limit) bytes"
        case .outOfMemory: "there is no memory to decode the body"
        }
    }
}
