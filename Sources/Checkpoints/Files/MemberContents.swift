internal import Synchronization

/// The bytes of one member of an archive, of a whole file, or of an array in a pickle.
///
/// Nothing is read or inflated before it is asked for, and nothing is kept: opening a large
/// checkpoint touches only its headers, and tensors that are not used (an optimiser's) cost
/// nothing. The checksum is computed along with the first reading.
final class MemberContents: Sendable {
    enum Coding {
        /// As they are.
        case stored
        case deflated
        /// Each as a character of UTF-8 text.
        case latin1
    }

    let name: String
    let path: String
    /// Bytes of the member, decoded.
    let byteCount: Int
    /// The bytes in the file, in `coding`.
    let stored: ByteView
    let coding: Coding
    private let checksum: UInt32?
    private let isVerified: Atomic<Bool>

    /// Bytes in the file as they are; without a checksum, because the format has none.
    init(_ bytes: ByteView, path: String, name: String) {
        stored = bytes
        coding = .stored
        byteCount = bytes.count
        checksum = nil
        isVerified = Atomic(true)
        self.path = path
        self.name = name
    }

    /// The bytes that a text stands for; nil when one of its characters is none. One pass.
    init?(latin1 text: ByteView, path: String, name: String) {
        guard let count = Latin1Text.byteCount(of: text) else { return nil }
        stored = text
        coding = .latin1
        byteCount = count
        checksum = nil
        isVerified = Atomic(true)
        self.path = path
        self.name = name
    }

    /// A member whose archive declares its size and CRC-32. `stored` has `entry`'s compressed
    /// size, and the declared size was checked against the limits.
    init(_ stored: ByteView, path: String, entry: ZipEntry) {
        self.stored = stored
        coding = entry.method == .deflated ? .deflated : .stored
        byteCount = entry.byteCount
        checksum = entry.checksum
        isVerified = Atomic(false)
        self.path = path
        name = entry.name
    }

    /// Must be called after reading: see `ByteView`.
    func checkUnchanged() throws(CheckpointError) { try stored.checkUnchanged(path: path) }

    /// At most `count` bytes from the beginning, before their checksum was checked: fit for headers
    /// only.
    func beginning(atMost count: Int) throws(CheckpointError) -> ByteView {
        let count = min(count, byteCount)
        guard coding != .stored else { return stored.slice(at: 0, count: count) ?? stored }
        var reader = try MemberReader(self)
        return try ByteView(reader.bytes(count))
    }

    /// All bytes, once their checksum is found right: a view of the file, or, of a coded
    /// member, a copy. Costs one pass over the bytes the first time.
    func verified() throws(CheckpointError) -> ByteView {
        if coding != .stored {
            var reader = try MemberReader(self)
            let bytes = try reader.bytes(byteCount)
            try finish(&reader)
            return ByteView(bytes)
        }
        if !isVerified.load(ordering: .relaxed) {
            try forEachPiece(of: 0..<0, pieceByteCount: 1) { _ in }
        }
        return stored
    }

    /// Calls `body` with the bytes of `range` in order, `pieceByteCount` at a time (the last piece
    /// may be shorter), and lets the pages behind it go. A wrong checksum is found at the end.
    ///
    /// Holds one piece. One pass over the whole member while its checksum is not known to be
    /// right or where it is coded, else over `range`.
    func forEachPiece(
        of range: Range<Int>, pieceByteCount: Int, _ body: (Span<UInt8>) -> Void
    ) throws(CheckpointError) {
        var reader = try MemberReader(self)
        if isVerified.load(ordering: .relaxed) {
            try reader.jump(to: range.lowerBound)
        } else {
            try reader.skip(range.lowerBound)
        }
        for first in stride(from: range.lowerBound, to: range.upperBound, by: pieceByteCount) {
            try reader.read(min(pieceByteCount, range.upperBound - first), body)
        }
        try finish(&reader)
    }

    /// Reads on to the end for the checksum, unless it was found right before.
    private func finish(_ reader: inout MemberReader) throws(CheckpointError) {
        if isVerified.load(ordering: .relaxed) { return try checkUnchanged() }
        try reader.skipToEnd()
        // Sooner than a checksum that is wrong for that reason.
        try checkUnchanged()
        if let checksum, checksum != reader.checksum {
            let defect = ArchiveDefect.checksumMismatch(
                declared: checksum, computed: reader.checksum)
            throw .archive(path: path, member: name, defect: defect)
        }
        isVerified.store(true, ordering: .relaxed)
    }
}
