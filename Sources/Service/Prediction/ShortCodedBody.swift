internal import HTTPMessages

/// Decoding of short coded bodies on the loop, which takes no longer than reading plain ones does.
/// So they wait for no long ones of others.
enum ShortCodedBody {
    /// Coded bytes of such a body.
    static let maxCodedBytes = 8 * 1024
    /// Its bytes without the coding.
    static let maxBytes = ContentInflater.bufferBytes
    /// Plain bytes that are read in the time that a coded one may take: blocks that describe codes
    /// and hold nothing take zlib 75 ns a byte.
    static let plainBytes = 32

    /// The message without its coding; nil if its body is not short. A body that cannot be decoded
    /// is for `BodyReadingQueue` to refuse.
    static func decoded(
        _ message: HTTPRequestMessage, maxBodyBytes: Int
    ) -> HTTPRequestMessage? {
        guard message.body.count <= maxCodedBytes,
            let coding = ContentCoding(of: message.head.headers), coding != .identity,
            let body = try? bytes(of: message.body, coding, limit: min(maxBytes, maxBodyBytes))
        else { return nil }
        return message.decoded(to: body)
    }

    private static func bytes(
        of coded: [UInt8], _ coding: ContentCoding, limit: Int
    ) throws(ContentCodingError) -> [UInt8] {
        var inflater = try ContentInflater(coding, limit: limit)
        var body: [UInt8] = []
        var offset = 0
        while offset < coded.count {
            try inflater.read(coded.span, from: &offset, into: &body)
        }
        try inflater.checkEnd()
        return body
    }
}
