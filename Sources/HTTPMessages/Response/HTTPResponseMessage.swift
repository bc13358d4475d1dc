package import HTTPTypes

/// An answer before it is put on the wire. Framing and connection headers are not part of it:
/// the connection adds them.
package struct HTTPResponseMessage: Sendable, Equatable {
    /// A final status, 200 to 999.
    package var status: HTTPResponse.Status
    package private(set) var headers = HTTPHeaders()
    /// The whole body. For a HEAD request it tells the Content-Length and is not sent.
    package var body: [UInt8]

    package init(status: HTTPResponse.Status, body: [UInt8] = []) {
        self.status = status
        self.body = body
    }

    /// Adds a header field. Throws `.illegalValue` for a value that cannot stand in a header line
    /// and `.framing` for a field the connection itself sets.
    package mutating func append(
        _ name: HTTPField.Name, _ value: String
    ) throws(HTTPHeaderError) {
        guard !Self.isFraming(name) else { throw .framing(name: name.rawName) }
        try headers.append(name, value)
    }

    /// Adds a header field whose value stands in the source text; a field or value that `append`
    /// would refuse is a bug of the caller and stops the process.
    package mutating func append(_ name: HTTPField.Name, literal value: StaticString) {
        precondition(!Self.isFraming(name), "the connection sets this field")
        headers.append(name, literal: value)
    }

    /// Bytes of a body that is not worth a coding.
    private static let plainBodyBytes = 1024

    /// Whether the body may go out in the gzip coding. Says with `Vary` that it depends on the
    /// request, whichever way it goes; a body of up to 1 KiB goes as it is unless the client
    /// cannot take that.
    package mutating func varies(with accepted: AcceptedCodings) -> Bool {
        guard !body.isEmpty, body.count > Self.plainBodyBytes || accepted.refusesIdentity
        else { return false }
        headers.append(.vary, literal: "Accept-Encoding")
        return accepted.prefersGzip
    }

    /// Puts the body in the gzip coding; it stays as it is where zlib fails.
    package mutating func gzip(with encoder: GzipEncoder) {
        guard let coded = encoder.encode(body) else { return }
        body = coded
        headers.append(.contentEncoding, literal: "gzip")
    }

    private static let framingNames = [
        "content-length", "transfer-encoding", "connection", "date", "keep-alive",
    ]

    /// Lengths differ mostly, and are compared in no time.
    private static func isFraming(_ name: HTTPField.Name) -> Bool {
        let text = name.canonicalName
        return framingNames.contains { $0.utf8.count == text.utf8.count && $0 == text }
    }
}
