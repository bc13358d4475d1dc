import HTTPTypes

/// The first line of a request, parsed and checked.
struct RequestLine: Sendable, Equatable {
    var method: HTTPRequest.Method
    var path: String
    var query: String?
    var version: HTTPVersion

    /// Bytes of a line beside its method and target: two spaces, the version, CR and LF.
    static let overheadBytes = 2 + 8 + 2

    /// Parses a line without its line end. Checks are made in the order method, target length,
    /// version, target, however the bytes arrived.
    init(_ line: ArraySlice<UInt8>, limits: HTTPLimits) throws(HTTPParseError) {
        let name = line.prefix { $0 != Grammar.space }
        let rest = line.dropFirst(name.count + 1)
        let target = rest.prefix { $0 != Grammar.space }
        guard !name.isEmpty, name.allSatisfy(Grammar.token.contains)
        else { throw .malformedRequestLine }
        guard name.count <= limits.maxMethodBytes else {
            throw .methodTooLong(limit: limits.maxMethodBytes)
        }
        guard !target.isEmpty, target.count < rest.count else { throw .malformedRequestLine }
        guard target.count <= limits.maxTargetBytes else {
            throw .targetTooLong(limit: limits.maxTargetBytes)
        }
        guard let method = HTTPRequest.Method(String(decoding: name, as: UTF8.self))
        else { throw .malformedRequestLine }
        self.method = method
        version = try Self.version(rest.dropFirst(target.count + 1))
        (path, query) = try Self.target(target, method: method)
    }

    /// The error of a line that does not end within the length of the longest valid one.
    static func overflow(
        _ line: ArraySlice<UInt8>, limits: HTTPLimits
    ) -> HTTPParseError {
        let name = line.prefix { $0 != Grammar.space }
        guard name.allSatisfy(Grammar.token.contains), !name.isEmpty
        else { return .malformedRequestLine }
        return name.count > limits.maxMethodBytes
            ? .methodTooLong(limit: limits.maxMethodBytes)
            : .targetTooLong(limit: limits.maxTargetBytes)
    }

    private static func version(_ text: ArraySlice<UInt8>) throws(HTTPParseError) -> HTTPVersion {
        let start = text.startIndex
        guard text.count == 8, text.starts(with: "HTTP/".utf8), Grammar.isDigit(text[start + 5]),
            text[start + 6] == UInt8(ascii: "."), Grammar.isDigit(text[start + 7])
        else { throw .malformedRequestLine }
        switch (text[start + 5], text[start + 7]) {
        case (UInt8(ascii: "1"), UInt8(ascii: "1")): return .http11
        case (UInt8(ascii: "1"), UInt8(ascii: "0")): return .http10
        default: throw .unsupportedVersion
        }
    }

    private typealias Target = (path: String, query: String?)

    private static func target(
        _ text: ArraySlice<UInt8>, method: HTTPRequest.Method
    ) throws(HTTPParseError) -> Target {
        // The target of a CONNECT is an authority, and the bytes behind it belong to a tunnel: an
        // intermediary that takes one with a path must not see requests where those bytes are.
        guard method != .connect else { throw .malformedTarget }
        if text.elementsEqual("*".utf8) {
            guard method == .options else { throw .malformedTarget }
            return ("*", nil)
        }
        if text.first == UInt8(ascii: "/") { return try origin(text) }
        for scheme in ["http://", "https://"]
        where text.prefix(scheme.utf8.count).equalsIgnoringCase(scheme) {
            let rest = text.dropFirst(scheme.utf8.count)
            let host = rest.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
            guard !host.isEmpty, HostGrammar.accepts(host) else { throw .malformedTarget }
            return try origin(rest.dropFirst(host.count))
        }
        throw .malformedTarget
    }

    /// Splits a path at its first question mark; an empty path of an absolute URL means `/`.
    private static func origin(_ text: ArraySlice<UInt8>) throws(HTTPParseError) -> Target {
        let path = text.prefix { $0 != UInt8(ascii: "?") }
        let query = text.dropFirst(path.count + 1)
        guard path.isPercentEncoded(over: Grammar.path),
            query.isPercentEncoded(over: Grammar.query)
        else { throw .malformedTarget }
        return (
            path.isEmpty ? "/" : String(decoding: path, as: UTF8.self),
            path.count == text.count ? nil : String(decoding: query, as: UTF8.self)
        )
    }
}
