import HTTPTypes

/// Turns a stream of bytes into requests, one at a time.
///
/// The result — the requests, or the error and the byte where it is found — depends only on the
/// bytes and not on their fragmentation. At any time it holds at most a line of the head, the
/// header fields and the body received so far, each within its limit.
package struct RequestParser: Sendable {
    /// The progress of the current request.
    package enum Stage: Sendable, Equatable {
        /// Between requests: no byte of the next one has arrived.
        case idle
        case head
        case body
        /// After an error: nothing can be parsed any more.
        case failed
    }

    /// Empty lines that may precede a request line (RFC 9112 §2.2).
    private static let maxLeadingEmptyLines = 1

    private let limits: HTTPLimits
    private var failure: HTTPParseError?
    private var line = LineBuffer()
    private var emptyLines = 0
    private var head: RequestHead?
    /// Whether the request line is complete. A pattern, as `== nil` would compare heads by copies.
    private var hasHead: Bool { if case .some = head { true } else { false } }
    private var headerBytes = 0
    /// True once the header section is complete.
    private var isInBody = false
    private var chunks: ChunkedDecoder
    private var body: [UInt8] = []
    private var hasBodyBytes = false

    package init(limits: HTTPLimits) {
        self.limits = limits
        chunks = ChunkedDecoder(maxBodyBytes: limits.maxBodyBytes)
    }

    /// Body bytes of the current request, held until it is complete.
    package var bodyBytes: Int { body.count }

    /// Drops the current request with the part of its body that was kept. Every further call of
    /// `parse` throws `error`.
    package mutating func abandon(_ error: HTTPParseError) {
        failure = error
        body = []
    }

    package var stage: Stage {
        if failure != nil { return .failed }
        if isInBody { return .body }
        return !hasHead && line.bytes.isEmpty ? .idle : .head
    }

    /// The head of the request whose body is arriving, or was found at fault; else nil.
    var arriving: RequestHead? { isInBody ? head : nil }

    /// Lowers the limit of the body that is arriving; throws if its declared length exceeds it.
    mutating func limitBody(to count: Int) throws(HTTPParseError) {
        chunks.maxBodyBytes = min(count, limits.maxBodyBytes)
        if case .length(let length) = head?.framing, length > chunks.maxBodyBytes {
            throw .bodyTooLong(limit: chunks.maxBodyBytes)
        }
    }

    /// Whether the client waits for `100 Continue`: the head asks for it and no body byte has
    /// arrived.
    package var awaitsContinue: Bool {
        isInBody && !hasBodyBytes && head?.expectsContinue == true
    }

    /// Whether the current or refused request is known to be a HEAD, whose answer has no body.
    package var isHeadRequest: Bool { head?.method == .head }

    /// Parses from `input` at `offset` to the end of the next request, and returns it. Returns nil
    /// if the bytes end before, and once between a head and its body, so that the caller can decide
    /// before any of the body is kept. `offset` moves to the first byte not taken.
    ///
    /// After an error every further call throws the same error.
    package mutating func parse(
        _ input: Span<UInt8>, at offset: inout Int
    ) throws(HTTPParseError) -> HTTPRequestMessage? {
        if let failure { throw failure }
        do throws(HTTPParseError) {
            while offset < input.count {
                guard isInBody else {
                    try readHeadLine(input, at: &offset)
                    if isInBody { return isBodyComplete ? finish() : nil }
                    continue
                }
                if try readBody(input, at: &offset) { return finish() }
            }
            return nil
        } catch {
            abandon(error)
            throw error
        }
    }

    // MARK: - Head

    private mutating func readHeadLine(
        _ input: Span<UInt8>, at offset: inout Int
    ) throws(HTTPParseError) {
        if !hasHead {
            try readRequestLine(input, at: &offset)
        } else {
            try readHeaderLine(input, at: &offset)
        }
    }

    private mutating func readRequestLine(
        _ input: Span<UInt8>, at offset: inout Int
    ) throws(HTTPParseError) {
        if line.bytes.isEmpty { try checkFirst(input[offset]) }
        let limit = limits.maxMethodBytes + limits.maxTargetBytes + RequestLine.overheadBytes
        switch line.read(from: input, at: &offset, limit: limit) {
        case .incomplete: return
        case .tooLong: throw RequestLine.overflow(line.bytes[...], limits: limits)
        case .complete: break
        }
        let content = try line.content()
        if content.isEmpty, emptyLines < Self.maxLeadingEmptyLines {
            emptyLines += 1
        } else {
            head = RequestHead(line: try RequestLine(content, limits: limits))
        }
        line.clear()
    }

    /// Refuses input that cannot become a request, such as a TLS handshake, at its first byte
    /// instead of waiting for the end of its line.
    private func checkFirst(_ byte: UInt8) throws(HTTPParseError) {
        let isLineEnd = byte == Grammar.carriageReturn || byte == Grammar.lineFeed
        guard isLineEnd || Grammar.token.contains(byte) else { throw .malformedRequestLine }
    }

    private mutating func readHeaderLine(
        _ input: Span<UInt8>, at offset: inout Int
    ) throws(HTTPParseError) {
        switch line.read(from: input, at: &offset, limit: limits.maxHeaderBytes - headerBytes) {
        case .incomplete: return
        case .tooLong: throw .headersTooLong(limit: limits.maxHeaderBytes)
        case .complete: break
        }
        let content = try line.content()
        headerBytes += line.bytes.count
        if content.isEmpty {
            try head?.finish(limits: limits)
            isInBody = true
        } else {
            try head?.append(content, limits: limits)
        }
        line.clear()
    }

    // MARK: - Body

    /// Whether the body is complete without another byte.
    private var isBodyComplete: Bool {
        switch head?.framing {
        case .length(let length): body.count == length
        case .chunked: false
        case .some(.none), nil: true
        }
    }

    /// Takes body bytes; true once the body is complete.
    private mutating func readBody(
        _ input: Span<UInt8>, at offset: inout Int
    ) throws(HTTPParseError) -> Bool {
        hasBodyBytes = true
        guard case .length(let length) = head?.framing else {
            return try chunks.decode(input, at: &offset, into: &body, limits: limits)
        }
        let count = min(length - body.count, input.count - offset)
        body.append(span: input.extracting(offset..<(offset + count)))
        offset += count
        return body.count == length
    }

    /// Returns the request and starts over, keeping the line buffer's memory.
    private mutating func finish() -> HTTPRequestMessage? {
        let message = head.map { HTTPRequestMessage(head: $0, body: body) }
        head = nil
        headerBytes = 0
        emptyLines = 0
        isInBody = false
        chunks = ChunkedDecoder(maxBodyBytes: limits.maxBodyBytes)
        body = []
        hasBodyBytes = false
        line.clear()
        return message
    }
}
