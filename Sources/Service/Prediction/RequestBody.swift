internal import HTTPMessages
internal import InferenceAPI

/// The body of a request as it is read off the loop: without its content coding, piece by piece,
/// between which the work may be held up, or given up. What is read so far is held until the body
/// goes. Belongs to one thread.
final class RequestBody: BodySource {
    /// Bytes of a piece, at the most, and coded bytes that are inflated for one.
    static let pieceBytes = ContentInflater.bufferBytes
    /// Bytes held for a byte that is read: those of the numbers that are made of it.
    static let heldPerByte = 2

    private let bytes: [UInt8]
    private let isCoded: Bool
    /// Nil where the body has no coding.
    private var inflater: ContentInflater?
    private let checkpoint: () throws(Refusal) -> Void
    private let held: HeldCharge
    /// The place of the first byte that was not read.
    private var offset = 0
    /// Decoded bytes that were read.
    private(set) var readBytes = 0
    let maxByteCount: Int
    private(set) var hasMore = true
    /// The reason for an end before the body's.
    private(set) var failure: Refusal?

    /// - Parameters:
    ///   - message: the request; its body may be coded.
    ///   - limit: bytes that the body may have without its coding.
    ///   - heldBytes: the process's, where what is read is counted.
    ///   - checkpoint: returns when the reading may go on; throws when it is of no use any more.
    init(
        _ message: HTTPRequestMessage, limit: Int, _ heldBytes: HeldBytes,
        checkpoint: @escaping () throws(Refusal) -> Void
    ) throws(Refusal) {
        bytes = message.body
        maxByteCount = ReadingSize(message, maxBodyBytes: limit).maxBytes
        self.checkpoint = checkpoint
        held = HeldCharge(heldBytes)
        do throws(ContentCodingError) {
            guard let coding = ContentCoding(of: message.head.headers) else { throw .unsupported }
            isCoded = coding != .identity
            inflater = isCoded ? try ContentInflater(coding, limit: limit) : nil
        } catch {
            throw Refusal(error)
        }
    }

    var byteCount: Int? { isCoded ? nil : bytes.count }

    func read(into output: inout [UInt8]) {
        guard hasMore else { return }
        let start = output.count
        do throws(Refusal) {
            if offset > 0 { try checkpoint() }
            if isCoded { try inflate(into: &output) } else { copy(into: &output) }
            readBytes += output.count - start
            try held.add(Self.heldPerByte * (output.count - start))
        } catch {
            failure = error
            hasMore = false
        }
    }

    /// A short body is handed over whole, without a copy.
    private func copy(into output: inout [UInt8]) {
        let end = min(bytes.count, offset + Self.pieceBytes)
        if offset == 0, end == bytes.count, output.isEmpty {
            output = bytes
        } else {
            output += bytes[offset..<end]
        }
        offset = end
        hasMore = offset < bytes.count
    }

    private func inflate(into output: inout [UInt8]) throws(Refusal) {
        let bytes = bytes
        do throws(ContentCodingError) {
            if offset < bytes.count {
                try inflater?.read(bytes.span, from: &offset, into: &output)
            }
            hasMore = offset < bytes.count
            if !hasMore { try inflater?.checkEnd() }
        } catch {
            throw Refusal(error)
        }
    }
}
