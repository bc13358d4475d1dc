/// The end-of-central-directory record of a ZIP archive, with its zip64 form merged in.
///
/// The record must end exactly where the file does, so a truncated archive has none.
struct ZipEndRecord {
    private static let signature: UInt32 = 0x0605_4b50
    private static let byteCount = 22
    private static let maxCommentBytes = 0xffff
    private static let zip64LocatorSignature: UInt32 = 0x0706_4b50
    private static let zip64LocatorByteCount = 20
    private static let zip64Signature: UInt32 = 0x0606_4b50
    private static let zip64ByteCount = 56

    private(set) var memberCount: UInt64
    private(set) var directoryByteCount: UInt64
    private(set) var directoryOffset: UInt64
    /// The offset at which the central directory must end: that of the first end record.
    private(set) var directoryEnd: Int

    init(_ file: ByteView, path: String) throws(CheckpointError) {
        guard let position = Self.position(in: file) else {
            throw .archive(path: path, member: "", defect: .noEndRecord)
        }
        var cursor = ByteCursor(file, path: path, part: "end of the archive")
        try cursor.skip(position + 4)
        let disks = (try cursor.integer(UInt16.self), try cursor.integer(UInt16.self))
        let counts = (try cursor.integer(UInt16.self), try cursor.integer(UInt16.self))
        guard disks == (0, 0), counts.0 == counts.1 else {
            throw .archive(path: path, member: "", defect: .spansDisks)
        }
        memberCount = UInt64(counts.0)
        directoryByteCount = UInt64(try cursor.integer(UInt32.self))
        directoryOffset = UInt64(try cursor.integer(UInt32.self))
        directoryEnd = position
        try mergeZip64(file, path: path)
    }

    /// Searches backwards for a record whose comment reaches exactly to the end of the file.
    private static func position(in file: ByteView) -> Int? {
        guard file.count >= byteCount else { return nil }
        let last = file.count - byteCount
        let first = max(0, last - maxCommentBytes)
        return file.withSpan { span in
            var position = last
            while position >= first {
                // The signature is "PK\u{5}\u{6}": where this byte is none of the last three, the
                // next one to the left cannot begin before four bytes on.
                switch span[position] {
                case 0x50 where isRecord(span, at: position): return position
                case 0x4b: position -= 1
                case 0x05: position -= 2
                case 0x06: position -= 3
                default: position -= 4
                }
            }
            return nil
        }
    }

    private static func isRecord(_ file: Span<UInt8>, at position: Int) -> Bool {
        let isSigned = (0..<4).allSatisfy {
            file[position + $0] == UInt8(truncatingIfNeeded: signature >> (8 * $0))
        }
        let comment = Int(file[position + 20]) | Int(file[position + 21]) << 8
        return isSigned && position + byteCount + comment == file.count
    }

    /// Takes over the zip64 record, if the archive has one. Fields of the short record must then
    /// agree with it or be filled with ones.
    private mutating func mergeZip64(_ file: ByteView, path: String) throws(CheckpointError) {
        let locatorPosition = directoryEnd - Self.zip64LocatorByteCount
        let part = "end of the archive"
        guard let tail = file.slice(at: locatorPosition, count: Self.zip64LocatorByteCount) else {
            return
        }
        var locator = ByteCursor(tail, path: path, part: part)
        guard try locator.integer(UInt32.self) == Self.zip64LocatorSignature else { return }
        let disk = try locator.integer(UInt32.self)
        let position = try locator.integer(UInt64.self)
        guard disk == 0, try locator.integer(UInt32.self) <= 1 else {
            throw .archive(path: path, member: "", defect: .spansDisks)
        }
        guard let start = Int(exactly: position), start <= locatorPosition - Self.zip64ByteCount
        else {
            let defect = ArchiveDefect.outsideFile(
                offset: position, byteCount: UInt64(Self.zip64ByteCount))
            throw .archive(path: path, member: "", defect: defect)
        }
        var cursor = ByteCursor(file, path: path, part: part)
        try cursor.skip(start)
        try readZip64(&cursor)
        directoryEnd = start
    }

    private mutating func readZip64(_ cursor: inout ByteCursor) throws(CheckpointError) {
        guard try cursor.integer(UInt32.self) == Self.zip64Signature else {
            throw fail(cursor, .badSignature(.zip64EndRecord))
        }
        // Record size, versions: nothing here depends on them.
        try cursor.skip(8 + 2 + 2)
        let disks = (try cursor.integer(UInt32.self), try cursor.integer(UInt32.self))
        let counts = (try cursor.integer(UInt64.self), try cursor.integer(UInt64.self))
        guard disks == (0, 0), counts.0 == counts.1 else { throw fail(cursor, .spansDisks) }
        let byteCount = try cursor.integer(UInt64.self)
        let offset = try cursor.integer(UInt64.self)
        guard memberCount == 0xffff || memberCount == counts.0 else {
            let defect = ArchiveDefect.memberCountMismatch(
                declared: memberCount, found: counts.0)
            throw fail(cursor, defect)
        }
        let ones = UInt64(UInt32.max)
        guard directoryByteCount == ones || directoryByteCount == byteCount,
            directoryOffset == ones || directoryOffset == offset
        else {
            let defect = ArchiveDefect.outsideFile(
                offset: directoryOffset, byteCount: directoryByteCount)
            throw fail(cursor, defect)
        }
        (memberCount, directoryByteCount, directoryOffset) = (counts.0, byteCount, offset)
    }

    private func fail(_ cursor: ByteCursor, _ defect: ArchiveDefect) -> CheckpointError {
        .archive(path: cursor.path, member: "", defect: defect)
    }
}
