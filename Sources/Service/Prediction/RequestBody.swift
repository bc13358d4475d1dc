internal import HTTPMessages
internal import InferenceAPI

/// The body of a request without its content coding, as its decoder reads it: in pieces, between
/// which the work may be held up, or given up.
final class RequestBody: BodySource {
    /// Bytes of a piece of a long body.
    static let pieceBytes = ContentInflater.bufferBytes
    /// Bytes that one byte of deflate may stand for (zlib's technical notes: 1032:1).
    private static let maxExpansion = 1032

    private let bytes: [UInt8]
    private let limit: Int
    /// Nil where the body has no coding.
    private var inflater: ContentInflater?
    private let isCoded: Bool
    /// The place of the first byte that was not read.
    private var offset = 0
    /// The reason for an end before the body's.
    private(set) var failure: Refusal?
    private(set) var hasMore = true

    /// - Parameters:
    ///   - message: the request.
    ///   - limit: bytes that the body may have without its coding.
    init(of message: HTTPRequestMessage, limit: Int) throws(Refusal) {
        bytes = message.body
        self.limit = limit
        do throws(ContentCodingError) {
            guard let coding = ContentCoding(of: message.head.headers) else { throw .unsupported }
            isCoded = coding != .identity
            inflater = isCoded ? try ContentInflater(coding, limit: limit) : nil
        } catch {
            throw Refusal(error)
        }
    }

    var byteCount: Int? { isCoded ? nil : bytes.count }

    var maxByteCount: Int {
        let (most, overflow) = bytes.count.multipliedReportingOverflow(by: Self.maxExpansion)
        return byteCount ?? (overflow ? limit : min(limit, most))
    }

    func read(into output: inout [UInt8]) {
        guard hasMore else { return }
        if isCoded { inflate(into: &output) } else { readPlain(into: &output) }
    }

    /// A short body is handed over whole, without a copy.
    private func readPlain(into output: inout [UInt8]) {
        let end = min(bytes.count, offset + Self.pieceBytes)
        if offset == 0, end == bytes.count, output.isEmpty {
            output = bytes
        } else {
            output += bytes[offset..<end]
        }
        offset = end
        hasMore = offset < bytes.count
    }

    private func inflate(into output: inout [UInt8]) {
        let bytes = bytes
        do throws(ContentCodingError) {
            if offset < bytes.count {
                try inflater?.read(bytes.span, from: &offset, into: &output)
            }
            hasMore = offset < bytes.count
            if !hasMore { try inflater?.checkEnd() }
        } catch {
            failure = Refusal(error)
            hasMore = false
        }
    }
}
