/// The central directory of a ZIP archive (PKWARE APPNOTE 4.3), with zip64.
struct ZipDirectory {
    /// What the directory says of one member.
    struct Entry {
        let name: String
        let flags: UInt16
        let method: UInt16
        let checksum: UInt32
        let compressedSize: UInt64
        let size: UInt64
        let localOffset: UInt64
    }

    let entries: [Entry]

    private static let entrySignature: UInt32 = 0x0201_4b50
    private static let endSignature: UInt32 = 0x0605_4b50
    private static let zip64EndSignature: UInt32 = 0x0606_4b50
    private static let zip64LocatorSignature: UInt32 = 0x0706_4b50
    private static let endBytes = 22
    private static let locatorBytes = 20
    private static let entryBytes: UInt64 = 46
    private static let longestComment = 65_535

    init(_ file: ByteRegion, limits: ReadLimits) throws(ZipFault) {
        let extent = try Self.extent(of: file)
        guard extent.count <= UInt64(limits.members) else {
            throw .tooManyMembers(count: extent.count, limit: limits.members)
        }
        guard let directory = file.slice(offset: extent.offset, count: extent.size) else {
            throw .outsideFile(offset: extent.offset, size: extent.size)
        }
        var entries: [Entry] = []
        var offset: UInt64 = 0
        for _ in 0..<extent.count {
            entries.append(try Self.entry(in: directory, at: &offset))
        }
        self.entries = entries
    }

    /// Where the directory is.
    private struct Extent {
        var count: UInt64
        var size: UInt64
        var offset: UInt64
    }

    private static func extent(of file: ByteRegion) throws(ZipFault) -> Extent {
        let end = try endOffset(of: file)
        guard let disk = file.integer(at: end + 4, as: UInt16.self),
            let directoryDisk = file.integer(at: end + 6, as: UInt16.self),
            let count = file.integer(at: end + 10, as: UInt16.self),
            let size = file.integer(at: end + 12, as: UInt32.self),
            let offset = file.integer(at: end + 16, as: UInt32.self)
        else { throw .truncated(offset: end) }
        if let extent = try zip64Extent(of: file, end: end) { return extent }
        guard disk == 0, directoryDisk == 0 else { throw .multipleDisks }
        return Extent(count: UInt64(count), size: UInt64(size), offset: UInt64(offset))
    }

    /// The end record's offset: the last place whose comment reaches exactly to the file's end.
    private static func endOffset(of file: ByteRegion) throws(ZipFault) -> UInt64 {
        var offset = file.count - endBytes
        let first = max(0, offset - longestComment)
        while offset >= first {
            let at = UInt64(offset)
            if file.integer(at: at, as: UInt32.self) == endSignature,
                let comment = file.integer(at: at + 20, as: UInt16.self),
                offset + endBytes + Int(comment) == file.count
            {
                return at
            }
            offset -= 1
        }
        throw .noEndRecord
    }

    private static func zip64Extent(
        of file: ByteRegion, end: UInt64
    ) throws(ZipFault) -> Extent? {
        guard end >= UInt64(locatorBytes) else { return nil }
        let locator = end - UInt64(locatorBytes)
        guard file.integer(at: locator, as: UInt32.self) == zip64LocatorSignature,
            let record = file.integer(at: locator + 8, as: UInt64.self)
        else { return nil }
        guard let bytes = file.slice(offset: record, count: 56) else {
            throw .truncated(offset: record)
        }
        guard bytes.integer(at: 0, as: UInt32.self) == zip64EndSignature,
            let disk = bytes.integer(at: 16, as: UInt32.self),
            let count = bytes.integer(at: 32, as: UInt64.self),
            let size = bytes.integer(at: 40, as: UInt64.self),
            let offset = bytes.integer(at: 48, as: UInt64.self)
        else { throw .badSignature(offset: record) }
        guard disk == 0 else { throw .multipleDisks }
        return Extent(count: count, size: size, offset: offset)
    }

    private static func entry(
        in directory: ByteRegion, at offset: inout UInt64
    ) throws(ZipFault) -> Entry {
        guard let fixed = directory.slice(offset: offset, count: entryBytes) else {
            throw .truncated(offset: offset)
        }
        guard fixed.integer(at: 0, as: UInt32.self) == entrySignature else {
            throw .badSignature(offset: offset)
        }
        func half(_ at: UInt64) -> UInt16 { fixed.integer(at: at, as: UInt16.self) ?? 0 }
        func word(_ at: UInt64) -> UInt32 { fixed.integer(at: at, as: UInt32.self) ?? 0 }
        let (nameBytes, extraBytes) = (UInt64(half(28)), UInt64(half(30)))
        let rest = nameBytes + extraBytes + UInt64(half(32))
        guard let variable = directory.slice(offset: offset + entryBytes, count: rest),
            let name = variable.slice(offset: 0, count: nameBytes),
            let extra = variable.slice(offset: nameBytes, count: extraBytes)
        else { throw .truncated(offset: offset) }
        guard let text = String(validating: name.copy(), as: UTF8.self) else { throw .nameNotUTF8 }
        offset += entryBytes + rest
        var sizes = Zip64Sizes(
            size: UInt64(word(24)), compressedSize: UInt64(word(20)), offset: UInt64(word(42)))
        try sizes.widen(extra)
        return Entry(
            name: text, flags: half(8), method: half(10), checksum: word(16),
            compressedSize: sizes.compressedSize, size: sizes.size, localOffset: sizes.offset)
    }
}

/// Sizes of an entry whose 32-bit fields may stand for 64-bit ones in an extra field.
private struct Zip64Sizes {
    var size: UInt64
    var compressedSize: UInt64
    var offset: UInt64

    private static let fieldID: UInt16 = 1
    private static let placeholder = UInt64(UInt32.max)

    mutating func widen(_ extra: ByteRegion) throws(ZipFault) {
        var at: UInt64 = 0
        while let id = extra.integer(at: at, as: UInt16.self),
            let count = extra.integer(at: at + 2, as: UInt16.self)
        {
            if id == Self.fieldID {
                guard let field = extra.slice(offset: at + 4, count: UInt64(count)) else {
                    throw .truncated(offset: at)
                }
                return try take(field)
            }
            at += 4 + UInt64(count)
        }
    }

    /// The field has only those numbers whose 32-bit place is taken by the placeholder.
    private mutating func take(_ field: ByteRegion) throws(ZipFault) {
        var at: UInt64 = 0
        for path in [\Zip64Sizes.size, \.compressedSize, \.offset]
        where self[keyPath: path] == Self.placeholder {
            guard let value = field.integer(at: at, as: UInt64.self) else {
                throw .truncated(offset: at)
            }
            self[keyPath: path] = value
            at += 8
        }
    }
}
