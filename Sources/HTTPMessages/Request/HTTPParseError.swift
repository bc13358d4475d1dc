/// The reason why a request was refused before its dispatch. Each case has the status of the answer
/// (`status`) and a sentence for a person (`description`). After any of them the connection cannot
/// be used any more, since it is not known where the next request would begin.
package enum HTTPParseError: Error, Equatable, Sendable {
    case malformedRequestLine
    case malformedTarget
    case methodTooLong(limit: Int)
    case targetTooLong(limit: Int)
    case unsupportedVersion

    case bareLineFeed
    case malformedHeader
    case foldedHeader
    case tooManyHeaders(limit: Int)
    case headersTooLong(limit: Int)

    case missingHost
    case repeatedHost
    case malformedHost
    case repeatedContentLength
    case malformedContentLength
    case contentLengthWithTransferEncoding
    case transferEncodingBefore11
    case unsupportedTransferEncoding
    case unsupportedExpectation

    case bodyTooLong(limit: Int)
    case malformedChunk
    case chunkExtensionsTooLong(limit: Int)
    case malformedTrailer
    case forbiddenTrailer
    case tooManyTrailers(limit: Int)
    case trailersTooLong(limit: Int)

    case truncated
    case headerTimeout(nanoseconds: UInt64)
    case bodyTimeout(nanoseconds: UInt64)
    /// The process already holds as many bytes for its connections as it may.
    case outOfRoom

    /// The status code of the answer.
    package var status: Int {
        switch self {
        case .targetTooLong: 414
        case .tooManyHeaders, .headersTooLong, .tooManyTrailers, .trailersTooLong: 431
        case .bodyTooLong: 413
        case .unsupportedExpectation: 417
        case .headerTimeout, .bodyTimeout: 408
        case .methodTooLong, .unsupportedTransferEncoding: 501
        case .outOfRoom: 503
        case .unsupportedVersion: 505
        default: 400
        }
    }

    /// The reason phrase of the status (RFC 9110 §15), which HTTPTypes does not have for a number.
    package var title: String {
        switch status {
        case 408: "Request Timeout"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 417: "Expectation Failed"
        case 431: "Request Header Fields Too Large"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        case 505: "HTTP Version Not Supported"
        default: "Bad Request"
        }
    }
}

extension HTTPParseError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformedRequestLine:
            "the request line is not METHOD SP TARGET SP HTTP-VERSION"
        case .malformedTarget:
            "the request target is neither an absolute path, an http URL, nor * for OPTIONS"
        case .methodTooLong(let limit): "the method is longer than \(limit) bytes"
        case .targetTooLong(let limit): "the request target is longer than \(limit) bytes"
        case .unsupportedVersion: "only HTTP/1.1 and HTTP/1.0 are spoken here"
        case .bareLineFeed: "a line must end in CR LF"
        case .malformedHeader: "a header line is not NAME: VALUE without control characters"
        case .foldedHeader: "a header line begins with white space"
        case .tooManyHeaders(let limit): "there are more than \(limit) header fields"
        case .headersTooLong(let limit): "the header section is longer than \(limit) bytes"
        default: framingDescription
        }
    }

    /// The sentences about framing, separate to keep each switch readable.
    private var framingDescription: String {
        switch self {
        case .missingHost: "an HTTP/1.1 request needs a Host header"
        case .repeatedHost: "there is more than one Host header"
        case .malformedHost: "the Host header is not HOST or HOST:PORT"
        case .repeatedContentLength: "there is more than one Content-Length header"
        case .malformedContentLength: "Content-Length is not one decimal number of sane size"
        case .contentLengthWithTransferEncoding:
            "Content-Length and Transfer-Encoding exclude each other"
        case .transferEncodingBefore11: "HTTP/1.0 has no Transfer-Encoding"
        case .unsupportedTransferEncoding: "the only transfer coding understood is chunked"
        case .unsupportedExpectation: "the only expectation understood is 100-continue"
        case .bodyTooLong(let limit): "the body is longer than \(limit) bytes"
        case .malformedChunk: "the chunked body breaks the grammar of its coding"
        case .chunkExtensionsTooLong(let limit):
            "the chunk extensions are longer than \(limit) bytes"
        case .malformedTrailer: "a trailer line is not NAME: VALUE without control characters"
        case .forbiddenTrailer: "a trailer field would change the message's framing or routing"
        case .tooManyTrailers(let limit): "there are more than \(limit) trailer fields"
        case .trailersTooLong(let limit): "the trailer section is longer than \(limit) bytes"
        case .truncated: "the request ended before it was complete"
        case .headerTimeout(let nanoseconds):
            "the header section took longer than \(nanoseconds / 1_000_000) ms"
        case .bodyTimeout(let nanoseconds):
            "the body came too slowly for more than \(nanoseconds / 1_000_000) ms"
        case .outOfRoom: "too many bytes of other requests and answers are held already"
        default: "the request is malformed"
        }
    }
}
