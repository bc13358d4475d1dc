internal import HTTPMessages

/// The body of a request as it is read: without its content coding, piece by piece. What is read so
/// far is held until the body goes. Belongs to one thread.
///
/// This is the one place where decoders get their bytes from. Today a coded body is inflated as
/// soon as its first piece is asked for, between turns, and decoders ask for all pieces joined.
final class RequestBody {
    /// Bytes of a piece, at the most.
    static let pieceBytes = 64 * 1024
    /// Bytes held for a byte that is read: itself, and the numbers that are made of it.
    static let heldPerByte = 2
    /// Coded bytes that are inflated between two checkpoints, to a mebibyte at the most.
    static let codedBytes = 1024

    private let message: HTTPRequestMessage
    private let limit: Int
    private let checkpoint: () throws(Refusal) -> Void
    private let held: HeldCharge
    private var decoded: [UInt8]?
    /// Decoded bytes that were read.
    private(set) var readBytes = 0

    /// - Parameters:
    ///   - message: the request; its body may be coded.
    ///   - limit: bytes that the body may have without its coding.
    ///   - heldBytes: the process's, where what is read is counted.
    ///   - checkpoint: returns when the reading may go on; throws when it is of no use any more.
    init(
        _ message: HTTPRequestMessage, limit: Int, _ heldBytes: HeldBytes,
        checkpoint: @escaping () throws(Refusal) -> Void
    ) {
        self.message = message
        self.limit = limit
        self.checkpoint = checkpoint
        held = HeldCharge(heldBytes)
    }

    /// The next piece; nil at the end of the body.
    func next() throws(Refusal) -> ArraySlice<UInt8>? {
        let body = try plain()
        guard readBytes < body.count else { return nil }
        if readBytes > 0 { try checkpoint() }
        let piece = body[readBytes..<min(body.count, readBytes + Self.pieceBytes)]
        try held.add(Self.heldPerByte * piece.count)
        readBytes = piece.endIndex
        return piece
    }

    /// The rest of the body with all that was read of it.
    func joined() throws(Refusal) -> [UInt8] {
        while try next() != nil {}
        return try plain()
    }

    private func plain() throws(Refusal) -> [UInt8] {
        if let decoded { return decoded }
        let coding = ContentCoding(of: message.head.headers)
        let body = coding == .identity ? message.body : try inflated(coding)
        decoded = body
        return body
    }

    private func inflated(_ coding: ContentCoding?) throws(Refusal) -> [UInt8] {
        let body = message.body
        guard let coding else { throw Refusal(ContentCodingError.unsupported) }
        var inflater = try Self.inflater(coding, limit: limit)
        var first = 0
        while first < body.count {
            if first > 0 { try checkpoint() }
            let end = min(body.count, first + Self.codedBytes)
            do throws(ContentCodingError) {
                try inflater.write(body.span.extracting(first..<end))
            } catch {
                throw Refusal(error)
            }
            first = end
        }
        do throws(ContentCodingError) { return try inflater.finish() } catch {
            throw Refusal(error)
        }
    }

    private static func inflater(
        _ coding: ContentCoding, limit: Int
    ) throws(Refusal) -> ContentInflater {
        do throws(ContentCodingError) { return try ContentInflater(coding, limit: limit) } catch {
            throw Refusal(error)
        }
    }
}
