/// The header in front of a member's bytes, checked against the central directory.
///
/// An archive whose two headers disagree shows different readers different members.
struct ZipLocalHeader {
    private static let signature: UInt32 = 0x0403_4b50
    private static let fixedByteCount = 30

    /// Offset of the member's bytes, compressed or stored.
    let dataOffset: Int

    init(_ entry: ZipEntry, in file: ByteView, path: String) throws(CheckpointError) {
        guard entry.headerOffset <= file.count else {
            let defect = ArchiveDefect.outsideFile(
                offset: UInt64(entry.headerOffset), byteCount: UInt64(Self.fixedByteCount))
            throw .archive(path: path, member: entry.name, defect: defect)
        }
        var cursor = ByteCursor(file, path: path, part: "local header of member \(entry.name)")
        try cursor.skip(entry.headerOffset)
        guard try cursor.integer(UInt32.self) == Self.signature else {
            throw .archive(path: path, member: entry.name, defect: .badSignature(.localHeader))
        }
        // Version needed.
        try cursor.skip(2)
        let flags = try cursor.integer(UInt16.self)
        let method = try cursor.integer(UInt16.self)
        // Time and date.
        try cursor.skip(2 + 2)
        let checksum = try cursor.integer(UInt32.self)
        let sizes = (try cursor.integer(UInt32.self), try cursor.integer(UInt32.self))
        let nameByteCount = Int(try cursor.integer(UInt16.self))
        let extraByteCount = Int(try cursor.integer(UInt16.self))
        let name = try cursor.take(nameByteCount)
        let extra = try cursor.take(extraByteCount)
        dataOffset = cursor.offset

        var wide = try Zip64Field(extra, path: path, member: entry.name)
        let uncompressed = try wide.widen(sizes.1)
        let compressed = try wide.widen(sizes.0)
        let isLate = entry.flags & ZipEntry.descriptorFlag != 0
        func agrees(_ local: UInt64, _ central: UInt64) -> Bool {
            local == central || (isLate && local == 0)
        }
        let agreements: [(ArchiveField, Bool)] = [
            (.name, name.text == entry.name),
            (.flags, flags == entry.flags),
            (.method, method == entry.method.rawValue),
            (.checksum, agrees(UInt64(checksum), UInt64(entry.checksum))),
            (.compressedSize, agrees(compressed, UInt64(entry.compressedByteCount))),
            (.uncompressedSize, agrees(uncompressed, UInt64(entry.byteCount))),
        ]
        for (field, isAgreed) in agreements where !isAgreed {
            throw .archive(path: path, member: entry.name, defect: .localHeaderDiffers(field))
        }
    }
}
