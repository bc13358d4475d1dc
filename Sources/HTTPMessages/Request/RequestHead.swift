import HTTPTypes

/// A request line and its header section, checked together once both are complete.
struct RequestHead: Sendable {
    var line: RequestLine
    var headers = HTTPHeaders()
    private(set) var framing = BodyFraming.none
    /// Whether the client waits for `100 Continue` before it sends the body.
    private(set) var expectsContinue = false

    init(line: RequestLine) { self.line = line }

    /// Adds a header line, at most `limits.headerCount` of them.
    mutating func append(
        _ content: ArraySlice<UInt8>, limits: HTTPLimits
    ) throws(HTTPParseError) {
        guard headers.count < limits.headerCount else {
            throw .tooManyHeaders(limit: limits.headerCount)
        }
        let field = try HeaderLine(content)
        headers.append(name: field.name, value: field.value)
    }

    /// Checks what can only be checked on the whole section: Host, framing, expectation.
    mutating func finish(limits: HTTPLimits) throws(HTTPParseError) {
        try checkHost()
        framing = try BodyFraming(headers: headers, version: line.version, limits: limits)
        try checkExpectation()
    }

    /// The request, once its body is complete.
    func message(body: [UInt8]) -> HTTPRequestMessage {
        let framing: HTTPRequestMessage.Framing =
            switch self.framing {
            case .none: .none
            case .length: .contentLength
            case .chunked: .chunked
            }
        return HTTPRequestMessage(
            method: line.method, path: line.path, query: line.query,
            authority: line.authority ?? headers[.hostField], version: line.version,
            headers: headers, framing: framing, body: body)
    }

    private func checkHost() throws(HTTPParseError) {
        let hosts = headers.rawValues(of: .hostField)
        guard hosts.count <= 1 else { throw .repeatedHost }
        guard let host = hosts.first else {
            if line.version == .http11 { throw .missingHost }
            return
        }
        guard HostGrammar.accepts(host) else { throw .malformedHost }
    }

    /// HTTP/1.0 has no expectations: there the header is ignored (RFC 9110 §10.1.1).
    private mutating func checkExpectation() throws(HTTPParseError) {
        guard line.version == .http11, headers.contains(.expect) else { return }
        let values = headers.rawValues(of: .expect)
        guard values.count == 1, values[0].equalsIgnoringCase("100-continue")
        else { throw .unsupportedExpectation }
        expectsContinue = framing != .none && framing != .length(0)
    }
}
