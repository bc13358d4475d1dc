/// Decodes a chunked body (RFC 9112 §7.1) strictly: exact line ends, checked sizes, bounded
/// extensions and trailers. Trailers are checked and dropped; those that state a message's framing
/// or route are refused, since another parser might obey them.
struct ChunkedDecoder: Sendable {
    private enum Stage {
        case size
        case data(remaining: Int)
        case dataCarriageReturn
        case dataLineFeed
        case trailers
    }

    /// Hexadecimal digits of a chunk size; more would not fit an Int.
    private static let maxSizeDigits = 15

    /// Bytes of decoded data.
    var maxBodyBytes: Int
    private var stage = Stage.size
    private var line = LineBuffer()
    private var extensionBytes = 0
    private var trailerBytes = 0
    private var trailerCount = 0
    private static let forbiddenTrailers = [
        "content-length", "transfer-encoding", "trailer", "host", "connection", "expect",
    ]

    init(maxBodyBytes: Int) { self.maxBodyBytes = maxBodyBytes }

    /// Decodes from `input` at `offset` and appends the data to `body`, never beyond
    /// `maxBodyBytes`. Returns true at the end of the body, its trailers included.
    mutating func decode(
        _ input: Span<UInt8>, at offset: inout Int, into body: inout [UInt8], limits: HTTPLimits
    ) throws(HTTPParseError) -> Bool {
        while offset < input.count {
            switch stage {
            case .size:
                try readSize(input, at: &offset, bodyBytes: body.count, limits: limits)
            case .data(let remaining):
                let count = min(remaining, input.count - offset)
                body.append(span: input.extracting(offset..<(offset + count)))
                offset += count
                stage =
                    count == remaining ? .dataCarriageReturn : .data(remaining: remaining - count)
            case .dataCarriageReturn:
                try expect(Grammar.carriageReturn, in: input, at: &offset)
                stage = .dataLineFeed
            case .dataLineFeed:
                try expect(Grammar.lineFeed, in: input, at: &offset)
                stage = .size
            case .trailers:
                if try readTrailer(input, at: &offset, limits: limits) { return true }
            }
        }
        return false
    }

    private func expect(
        _ byte: UInt8, in input: Span<UInt8>, at offset: inout Int
    ) throws(HTTPParseError) {
        guard input[offset] == byte else { throw .malformedChunk }
        offset += 1
    }

    private mutating func readSize(
        _ input: Span<UInt8>, at offset: inout Int, bodyBytes: Int, limits: HTTPLimits
    ) throws(HTTPParseError) {
        let extensionsLeft = limits.maxChunkExtensionBytes - extensionBytes
        switch line.read(from: input, at: &offset, limit: Self.maxSizeDigits + extensionsLeft + 2) {
        case .incomplete: return
        case .tooLong: throw chunkLineError(line.bytes[...], limits: limits)
        case .complete: break
        }
        let content = try line.content()
        let digits = content.prefix { Grammar.hexValue($0) != nil }
        let extensions = content.dropFirst(digits.count)
        guard !digits.isEmpty, digits.count <= Self.maxSizeDigits else { throw .malformedChunk }
        guard extensions.count <= extensionsLeft else {
            throw .chunkExtensionsTooLong(limit: limits.maxChunkExtensionBytes)
        }
        guard ChunkExtensionGrammar.accepts(extensions) else { throw .malformedChunk }
        extensionBytes += extensions.count
        let size = digits.reduce(0) { $0 << 4 | (Grammar.hexValue($1) ?? 0) }
        guard size <= maxBodyBytes - bodyBytes else {
            throw .bodyTooLong(limit: maxBodyBytes)
        }
        line.clear()
        stage = size == 0 ? .trailers : .data(remaining: size)
    }

    /// The error of a size line that is too long, by its digits or by its extensions.
    private func chunkLineError(
        _ bytes: ArraySlice<UInt8>, limits: HTTPLimits
    ) -> HTTPParseError {
        let digits = bytes.prefix { Grammar.hexValue($0) != nil }
        return digits.isEmpty || digits.count > Self.maxSizeDigits
            ? .malformedChunk : .chunkExtensionsTooLong(limit: limits.maxChunkExtensionBytes)
    }

    /// Reads a trailer line; true if it was the empty one that ends the body.
    private mutating func readTrailer(
        _ input: Span<UInt8>, at offset: inout Int, limits: HTTPLimits
    ) throws(HTTPParseError) -> Bool {
        switch line.read(from: input, at: &offset, limit: limits.maxTrailerBytes - trailerBytes) {
        case .incomplete: return false
        case .tooLong: throw .trailersTooLong(limit: limits.maxTrailerBytes)
        case .complete: break
        }
        let content = try line.content()
        if content.isEmpty { return true }
        trailerCount += 1
        guard trailerCount <= limits.maxTrailerCount else {
            throw .tooManyTrailers(limit: limits.maxTrailerCount)
        }
        try checkTrailer(content)
        trailerBytes += line.bytes.count
        line.clear()
        return false
    }

    private func checkTrailer(_ content: ArraySlice<UInt8>) throws(HTTPParseError) {
        let name: ArraySlice<UInt8>
        do { name = try HeaderLine(content).name } catch { throw .malformedTrailer }
        guard !Self.forbiddenTrailers.contains(where: name.equalsIgnoringCase)
        else { throw .forbiddenTrailer }
    }
}
