/// Reads one member from front to back, decoding it if need be, and computes its checksum on
/// the way. Pages of the file that were read are let go.
struct MemberReader: ~Copyable {
    /// CRC-32 of all bytes read so far, but for those jumped over.
    var checksum: UInt32 { check.value }

    private let contents: MemberContents
    private var check = CyclicRedundancyCheck()
    private var offset = 0
    private var inflater: InflateStream?
    private var text: Latin1Text?
    /// The piece decoded last; grows to the largest one asked for.
    private var buffer: [UInt8] = []

    /// Bytes that are skipped at a time.
    private static let skippedByteCount = 1 << 20

    init(_ contents: MemberContents) throws(CheckpointError) {
        self.contents = contents
        if contents.coding == .latin1 { text = Latin1Text(contents.stored) }
        guard contents.coding == .deflated else { return }
        do throws(ArchiveDefect) {
            inflater = try InflateStream(contents.stored, byteCount: contents.byteCount)
        } catch {
            throw .archive(path: contents.path, member: contents.name, defect: error)
        }
    }

    /// Calls `body` with the next `count` bytes, which must be there.
    mutating func read(
        _ count: Int, _ body: (Span<UInt8>) -> Void
    ) throws(CheckpointError) {
        if contents.coding != .stored {
            if buffer.count < count {
                buffer = [UInt8](repeating: 0, count: count)
            }
            try decode(count)
            let decoded = buffer
            let piece = decoded.span.extracting(first: count)
            check.update(piece)
            body(piece)
        } else {
            guard let piece = contents.stored.slice(at: offset, count: count) else {
                throw .truncated(
                    path: contents.path, part: "member \(contents.name)", offset: offset,
                    needed: count, available: contents.byteCount - offset)
            }
            piece.withSpan { span in
                check.update(span)
                body(span)
            }
            piece.letGo()
        }
        offset += count
    }

    /// The next `count` bytes, owned.
    mutating func bytes(_ count: Int) throws(CheckpointError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        for first in stride(from: 0, to: count, by: Self.skippedByteCount) {
            try read(min(Self.skippedByteCount, count - first)) { piece in
                for index in piece.indices { bytes.append(piece[index]) }
            }
        }
        return bytes
    }

    /// Passes over `count` bytes, which count for the checksum.
    mutating func skip(_ count: Int) throws(CheckpointError) {
        for first in stride(from: 0, to: count, by: Self.skippedByteCount) {
            try read(min(Self.skippedByteCount, count - first)) { _ in }
        }
    }

    /// Passes over the bytes before `start`, without reading them where that is possible.
    mutating func jump(to start: Int) throws(CheckpointError) {
        if contents.coding != .stored { try skip(start - offset) } else { offset = start }
    }

    /// Passes over all bytes that are left and checks that a deflated stream ends there.
    mutating func skipToEnd() throws(CheckpointError) {
        try skip(contents.byteCount - offset)
        do throws(ArchiveDefect) {
            try inflater?.finish()
        } catch {
            throw .archive(path: contents.path, member: contents.name, defect: error)
        }
    }

    /// Decodes the next `count` bytes to the front of `buffer`.
    private mutating func decode(_ count: Int) throws(CheckpointError) {
        text?.read(count, into: &buffer)
        do throws(ArchiveDefect) {
            try inflater?.read(count, into: &buffer)
        } catch {
            throw .archive(path: contents.path, member: contents.name, defect: error)
        }
    }
}
