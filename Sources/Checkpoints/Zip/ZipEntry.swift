/// One member as the central directory of a ZIP archive describes it.
struct ZipEntry {
    private static let signature: UInt32 = 0x0201_4b50

    enum Method: UInt16 {
        case stored = 0
        case deflated = 8
    }

    let name: String
    let flags: UInt16
    let method: Method
    let checksum: UInt32
    let compressedByteCount: Int
    let byteCount: Int
    let headerOffset: Int

    /// Sizes were unknown when the local header was written and follow the data instead.
    static let descriptorFlag: UInt16 = 1 << 3
    private static let encryptedFlags: UInt16 = 1 << 0 | 1 << 6 | 1 << 13
    /// Deflate's effort (bits 1 and 2), the descriptor and UTF-8 names.
    private static let readFlags: UInt16 = 1 << 1 | 1 << 2 | descriptorFlag | 1 << 11

    /// Reads the entry at the cursor. Refuses encryption and other methods.
    init(_ cursor: inout ByteCursor) throws(CheckpointError) {
        let path = cursor.path
        guard try cursor.integer(UInt32.self) == Self.signature else {
            throw .archive(path: path, member: "", defect: .badSignature(.centralHeader))
        }
        // Versions made by and needed: flags and method say enough.
        try cursor.skip(2 + 2)
        let flags = try cursor.integer(UInt16.self)
        let method = try cursor.integer(UInt16.self)
        // Time and date.
        try cursor.skip(2 + 2)
        let checksum = try cursor.integer(UInt32.self)
        let sizes = (try cursor.integer(UInt32.self), try cursor.integer(UInt32.self))
        let nameByteCount = Int(try cursor.integer(UInt16.self))
        let extraByteCount = Int(try cursor.integer(UInt16.self))
        let commentByteCount = Int(try cursor.integer(UInt16.self))
        let disk = try cursor.integer(UInt16.self)
        // Internal and external attributes.
        try cursor.skip(2 + 4)
        let headerOffset = try cursor.integer(UInt32.self)
        guard let name = try cursor.take(nameByteCount).text else {
            throw .archive(path: path, member: "", defect: .nameNotUTF8)
        }
        let extra = try cursor.take(extraByteCount)
        try cursor.skip(commentByteCount)

        var wide = try Zip64Field(extra, path: path, member: name)
        let uncompressed = try wide.widen(sizes.1)
        let compressed = try wide.widen(sizes.0)
        let offset = try wide.widen(headerOffset)
        guard disk == 0 else {
            throw .archive(path: path, member: name, defect: .spansDisks)
        }
        guard let byteCount = Int(exactly: uncompressed),
            let compressedByteCount = Int(exactly: compressed),
            let headerOffset = Int(exactly: offset)
        else {
            let defect = ArchiveDefect.outsideFile(offset: offset, byteCount: compressed)
            throw .archive(path: path, member: name, defect: defect)
        }
        self.name = name
        self.flags = flags
        self.method = try Self.readMethod(method, flags: flags, path: path, member: name)
        self.checksum = checksum
        self.compressedByteCount = compressedByteCount
        self.byteCount = byteCount
        self.headerOffset = headerOffset
    }

    private static func readMethod(
        _ number: UInt16, flags: UInt16, path: String, member: String
    ) throws(CheckpointError) -> Method {
        guard flags & encryptedFlags == 0 else {
            throw .archive(path: path, member: member, defect: .encrypted)
        }
        guard flags & ~readFlags == 0 else {
            throw .archive(path: path, member: member, defect: .unsupportedFlags(flags))
        }
        guard let method = Method(rawValue: number) else {
            throw .archive(path: path, member: member, defect: .unsupportedMethod(number))
        }
        return method
    }
}

/// The zip64 extra field of a header: wide values for those fields that are filled with ones, in
/// a fixed order.
struct Zip64Field {
    private static let identifier: UInt16 = 0x0001
    private var values: ByteCursor?
    private let path: String
    private let member: String

    /// Searches the extra fields `extra`; a header without the field is fine until one is needed.
    init(_ extra: ByteView, path: String, member: String) throws(CheckpointError) {
        self.path = path
        self.member = member
        var cursor = ByteCursor(extra, path: path, part: "extra field of member \(member)")
        // Up to three stray bytes are padding that some writers leave.
        while cursor.remaining >= 4 {
            let identifier = try cursor.integer(UInt16.self)
            let field = try cursor.take(Int(try cursor.integer(UInt16.self)))
            if identifier == Self.identifier {
                values = ByteCursor(field, path: path, part: cursor.part)
                return
            }
        }
    }

    /// `narrow` itself, or the field's next value when `narrow` is all ones.
    mutating func widen(_ narrow: UInt32) throws(CheckpointError) -> UInt64 {
        guard narrow == UInt32.max else { return UInt64(narrow) }
        guard values != nil, let value = try values?.integer(UInt64.self) else {
            throw .archive(path: path, member: member, defect: .missingZip64Field)
        }
        return value
    }
}
