package import HTTPTypes

/// An answer before serialization. It has no framing and connection headers, which the connection
/// adds.
package struct HTTPResponseMessage: Sendable, Equatable {
    /// A final status, 200 to 999.
    package var status: HTTPResponse.Status
    package private(set) var headers = HTTPHeaders()
    /// The whole body. For a HEAD request it determines the Content-Length and is not sent.
    package var body: [UInt8]

    package init(status: HTTPResponse.Status, body: [UInt8] = []) {
        self.status = status
        self.body = body
    }

    /// Adds a header field. Throws `.illegalValue` for a value that is not allowed in a header
    /// line, and `.framing` for a field that the connection itself sets.
    package mutating func append(
        _ name: HTTPField.Name, _ value: String
    ) throws(HTTPHeaderError) {
        guard !Self.isFraming(name) else { throw .framing(name: name.rawName) }
        try headers.append(name, value)
    }

    /// Adds a header field whose value is a literal. A field or value that `append` would refuse is
    /// a bug in the caller and stops the process.
    package mutating func append(_ name: HTTPField.Name, literal value: StaticString) {
        precondition(!Self.isFraming(name), "the connection sets this field")
        headers.append(name, literal: value)
    }

    /// Size up to which a body is not worth compressing.
    private static let maxPlainBodyBytes = 1024

    /// Whether the body is to be sent as gzip. If that depends on the request, `Vary` says so in
    /// either case. A body of up to 1 KiB stays plain unless the client does not accept that.
    package mutating func varies(with accepted: AcceptedCodings) -> Bool {
        guard !body.isEmpty, body.count > Self.maxPlainBodyBytes || accepted.refusesIdentity
        else { return false }
        headers.append(.vary, literal: "Accept-Encoding")
        return accepted.prefersGzip
    }

    /// Compresses the body to gzip; it stays plain if zlib fails.
    package mutating func gzip(with encoder: GzipEncoder) {
        guard let coded = encoder.encode(body) else { return }
        body = coded
        headers.append(.contentEncoding, literal: "gzip")
    }

    private static let framingNames = [
        "content-length", "transfer-encoding", "connection", "date", "keep-alive",
    ]

    /// Whether the connection sets this field itself. Most names differ in length, so that is
    /// compared first.
    private static func isFraming(_ name: HTTPField.Name) -> Bool {
        let text = name.canonicalName
        return framingNames.contains { $0.utf8.count == text.utf8.count && $0 == text }
    }
}
