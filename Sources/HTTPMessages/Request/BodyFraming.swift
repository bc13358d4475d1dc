import HTTPTypes

/// The end of a request's body by RFC 9112 §6.3, with every ambiguity refused.
enum BodyFraming: Sendable, Equatable {
    case none
    case length(Int)
    case chunked

    /// Digits of a length; 10^18 − 1 fits into an Int.
    private static let maxLengthDigits = 18

    /// Reads the framing from a complete header section. A declared length over
    /// `limits.maxBodyBytes` is refused here, before a byte of the body is read.
    init(
        headers: HTTPHeaders, version: HTTPVersion, limits: HTTPLimits
    ) throws(HTTPParseError) {
        let lengths = headers.rawValues(of: .contentLength)
        let codings = headers.rawValues(of: .transferEncodingField)
        if !codings.isEmpty {
            guard version == .http11 else { throw .transferEncodingBefore11 }
            guard lengths.isEmpty else { throw .contentLengthWithTransferEncoding }
            guard codings.count == 1, codings[0].equalsIgnoringCase("chunked")
            else { throw .unsupportedTransferEncoding }
            self = .chunked
            return
        }
        guard let text = lengths.first else {
            self = .none
            return
        }
        guard lengths.count == 1 else { throw .repeatedContentLength }
        let length = try Self.length(text)
        guard length <= limits.maxBodyBytes else { throw .bodyTooLong(limit: limits.maxBodyBytes) }
        self = .length(length)
    }

    private static func length(_ text: ArraySlice<UInt8>) throws(HTTPParseError) -> Int {
        guard !text.isEmpty, text.count <= maxLengthDigits, text.allSatisfy(Grammar.isDigit)
        else { throw .malformedContentLength }
        return text.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }
}
