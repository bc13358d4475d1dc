/// One member of a ZIP archive.
struct ZipMember: Sendable {
    /// How its bytes are stored.
    enum Method: UInt16, Sendable {
        case stored = 0
        case deflated = 8
    }

    let name: String
    let method: Method
    let checksum: UInt32
    /// Bytes once inflated.
    let size: UInt64
    /// The bytes as stored.
    let stored: ByteRegion
}

/// The members of a ZIP archive over a mapped file, zip64 included.
///
/// Both headers of a member must agree, members may not overlap, and every range is checked
/// against the file before it is used.
struct ZipArchive: Sendable {
    let path: String
    /// In the order of the central directory.
    let members: [ZipMember]
    private let indices: [String: Int]

    static let localSignature: UInt32 = 0x0403_4b50

    init(_ file: ByteRegion, path: String, limits: ReadLimits) throws(CheckpointError) {
        let entries = try Self.entries(of: file, path: path, limits: limits)
        var members: [ZipMember] = []
        var indices: [String: Int] = [:]
        for entry in entries {
            let member = try Self.locate(entry, in: file, path: path)
            guard indices.updateValue(members.count, forKey: member.name) == nil else {
                throw .zip(file: path, member: member.name, .repeatedName)
            }
            members.append(member)
        }
        try Self.refuseOverlaps(entries, members, path)
        self.path = path
        self.members = members
        self.indices = indices
    }

    subscript(name: String) -> ZipMember? { indices[name].map { members[$0] } }

    private static func entries(
        of file: ByteRegion, path: String, limits: ReadLimits
    ) throws(CheckpointError) -> [ZipDirectory.Entry] {
        do {
            return try ZipDirectory(file, limits: limits).entries
        } catch {
            throw .zip(file: path, member: nil, error)
        }
    }

    private static func locate(
        _ entry: ZipDirectory.Entry, in file: ByteRegion, path: String
    ) throws(CheckpointError) -> ZipMember {
        do {
            return try ZipLocalHeader.member(of: entry, in: file)
        } catch {
            throw .zip(file: path, member: entry.name, error)
        }
    }

    private static func refuseOverlaps(
        _ entries: [ZipDirectory.Entry], _ members: [ZipMember], _ path: String
    ) throws(CheckpointError) {
        let sorted = zip(entries, members).sorted { $0.0.localOffset < $1.0.localOffset }
        for (left, right) in zip(sorted, sorted.dropFirst()) {
            // A member's bytes cannot begin before its local header's fixed part has ended.
            let end =
                left.0.localOffset + ZipLocalHeader.fixedBytes + UInt64(left.0.name.utf8.count)
                + UInt64(left.1.stored.count)
            guard end <= right.0.localOffset else {
                throw .zip(
                    file: path, member: right.0.name, .overlapping(with: left.0.name))
            }
        }
    }
}

/// The header in front of a member's bytes.
enum ZipLocalHeader {
    static let fixedBytes: UInt64 = 30
    private static let encryptedFlag: UInt16 = 1
    /// The sizes stand behind the data, and are zero here.
    private static let descriptorFlag: UInt16 = 8
    private static let inZip64Field = UInt32.max

    /// The member an entry of the central directory describes, checked against its own header.
    static func member(
        of entry: ZipDirectory.Entry, in file: ByteRegion
    ) throws(ZipFault) -> ZipMember {
        let offset = entry.localOffset
        guard let header = file.slice(offset: offset, count: fixedBytes) else {
            throw .truncated(offset: offset)
        }
        guard header.integer(at: 0, as: UInt32.self) == ZipArchive.localSignature else {
            throw .badSignature(offset: offset)
        }
        guard entry.flags & encryptedFlag == 0 else { throw .encrypted }
        guard let method = ZipMember.Method(rawValue: entry.method) else {
            throw .method(entry.method)
        }
        try compare(header, entry)
        let nameBytes = UInt64(header.integer(at: 26, as: UInt16.self) ?? 0)
        let extraBytes = UInt64(header.integer(at: 28, as: UInt16.self) ?? 0)
        let name = file.slice(offset: offset + fixedBytes, count: nameBytes)?.copy()
        guard name == Array(entry.name.utf8) else { throw .headersDisagree(field: "the name") }
        let start = offset + fixedBytes + nameBytes + extraBytes
        guard let stored = file.slice(offset: start, count: entry.compressedSize) else {
            throw .outsideFile(offset: start, size: entry.compressedSize)
        }
        guard method == .deflated || entry.size == entry.compressedSize else {
            throw .headersDisagree(field: "the size")
        }
        return ZipMember(
            name: entry.name, method: method, checksum: entry.checksum, size: entry.size,
            stored: stored)
    }

    private static func compare(
        _ header: ByteRegion, _ entry: ZipDirectory.Entry
    ) throws(ZipFault) {
        guard header.integer(at: 8, as: UInt16.self) == entry.method else {
            throw .headersDisagree(field: "the method")
        }
        guard entry.flags & descriptorFlag == 0 else { return }
        guard header.integer(at: 14, as: UInt32.self) == entry.checksum else {
            throw .headersDisagree(field: "the checksum")
        }
        for (at, value) in [(UInt64(18), entry.compressedSize), (22, entry.size)] {
            let own = header.integer(at: at, as: UInt32.self)
            guard own == inZip64Field || own.map(UInt64.init) == value else {
                throw .headersDisagree(field: "the size")
            }
        }
    }
}
