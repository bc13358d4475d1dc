package import HTTPTypes

/// A request line and its header section, checked together once both are complete.
package struct RequestHead: Sendable, Equatable {
    /// A token of at most `HTTPLimits.maxMethodBytes` bytes; case matters.
    package let method: HTTPRequest.Method
    /// The target's path as it came, percent-encoding valid but not decoded. It begins with `/`,
    /// or is `*` for `OPTIONS *`. Dot segments are kept.
    package let path: String
    /// The part of the target behind its first `?`, not decoded; nil when there is no `?`.
    package let query: String?
    package let version: HTTPVersion
    /// Every header field, the framing fields among them.
    package private(set) var headers = HTTPHeaders()
    private(set) var framing = BodyFraming.none
    /// Whether the client waits for `100 Continue` before it sends the body.
    private(set) var expectsContinue = false

    init(line: RequestLine) {
        method = line.method
        path = line.path
        query = line.query
        version = line.version
    }

    /// Whether the client wants the connection kept after the answer: HTTP/1.1 unless it says
    /// `close`, HTTP/1.0 only when it says `keep-alive` and not `close`.
    package var isPersistent: Bool {
        if headers.list(.connection, contains: "close") { return false }
        return version == .http11 || headers.list(.connection, contains: "keep-alive")
    }

    /// Adds a header line, at most `limits.maxHeaderCount` of them.
    mutating func append(
        _ content: ArraySlice<UInt8>, limits: HTTPLimits
    ) throws(HTTPParseError) {
        guard headers.count < limits.maxHeaderCount else {
            throw .tooManyHeaders(limit: limits.maxHeaderCount)
        }
        let field = try HeaderLine(content)
        headers.append(name: field.name, value: field.value)
    }

    /// Checks the whole section: Host, framing, expectation.
    mutating func finish(limits: HTTPLimits) throws(HTTPParseError) {
        try checkHost()
        framing = try BodyFraming(headers: headers, version: version, limits: limits)
        try checkExpectation()
    }

    private func checkHost() throws(HTTPParseError) {
        let hosts = headers.rawValues(of: .hostField)
        guard hosts.count <= 1 else { throw .repeatedHost }
        guard let host = hosts.first else {
            if version == .http11 { throw .missingHost }
            return
        }
        guard HostGrammar.accepts(host) else { throw .malformedHost }
    }

    /// HTTP/1.0 has no expectations: there the header is ignored (RFC 9110 §10.1.1).
    private mutating func checkExpectation() throws(HTTPParseError) {
        guard version == .http11, headers.contains(.expect) else { return }
        let values = headers.rawValues(of: .expect)
        guard values.count == 1, values[0].equalsIgnoringCase("100-continue")
        else { throw .unsupportedExpectation }
        expectsContinue = framing != .none && framing != .length(0)
    }
}
