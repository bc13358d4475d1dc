import HTTPTypes

/// The content codings of request bodies that are understood (RFC 9110 §8.4.1).
package enum ContentCoding: Sendable, Equatable {
    case identity
    /// One gzip member (RFC 1952).
    case gzip
    /// Deflate inside the zlib format (RFC 1950), which is what the name means in HTTP.
    case deflate

    /// What a client may be told to use instead of what it used: an `Accept-Encoding` value.
    package static let accepted: StaticString = "gzip, deflate"

    /// The coding that the headers declare; nil for an unknown one and for more than one.
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

/// Why a coded body could not be decoded.
package enum ContentCodingError: Error, Equatable, Sendable {
    /// Not a coding that is understood, or several on top of each other.
    case unsupported
    /// The bytes are not of the declared coding, or their checksum is wrong.
    case malformed
    /// The bytes end before the coded body does.
    case truncated
    /// Bytes follow after the coded body.
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

extension HTTPRequestMessage {
    /// The body without its content coding, at most `limit` bytes of it. Time is linear in the
    /// bytes of both sides; memory beside the answer's is a `ContentInflater`'s.
    package func decodedBody(limit: Int) throws(ContentCodingError) -> [UInt8] {
        guard let coding = ContentCoding(of: headers) else { throw .unsupported }
        if coding == .identity { return body }
        var stream = try ContentInflater(coding, limit: limit)
        try stream.write(body.span)
        return try stream.finish()
    }
}
