package import HTTPTypes

/// The protocol versions that are spoken.
package enum HTTPVersion: Sendable, Equatable {
    case http10
    case http11
}

/// One complete request: what the client asked for, and its whole body.
package struct HTTPRequestMessage: Sendable, Equatable {
    /// How the body's length was told.
    package enum Framing: Sendable, Equatable {
        /// Neither Content-Length nor Transfer-Encoding: the body is empty.
        case none
        /// Content-Length, equal to `body.count`.
        case contentLength
        /// Transfer-Encoding: chunked; the trailer section was dropped.
        case chunked
    }

    /// A token of at most `HTTPLimits.methodBytes` bytes; case matters.
    package var method: HTTPRequest.Method
    /// The target's path as it came, percent-encoding valid but not decoded. It begins with `/`,
    /// or is `*` for `OPTIONS *`. Dot segments are kept.
    package var path: String
    /// What follows the target's first `?`, not decoded; nil when there is no `?`.
    package var query: String?
    /// The host and port asked for: the target's when it is an absolute URL, else the Host
    /// header's; nil for an HTTP/1.0 request without either.
    package var authority: String?
    package var version: HTTPVersion
    /// Every header field, the framing fields among them.
    package var headers: HTTPHeaders
    package var framing: Framing
    /// The body after the transfer coding; a content coding is still on it.
    package var body: [UInt8]

    /// Whether the client wants the connection kept after the answer: HTTP/1.1 unless it says
    /// `close`, HTTP/1.0 only when it says `keep-alive` and not `close`.
    package var isPersistent: Bool {
        if headers.list(.connection, contains: "close") { return false }
        return version == .http11 || headers.list(.connection, contains: "keep-alive")
    }
}
