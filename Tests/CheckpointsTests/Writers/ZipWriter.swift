/// Writes ZIP archives by the format's description, right ones and wrong ones.
struct ZipWriter {
    struct Member {
        var name: String
        var data: [UInt8]
        var method: UInt16 = 0
        var flags: UInt16 = 0
        /// The bytes put in the file; by default `data`, as it is or in stored deflate blocks.
        var packed: [UInt8]?
        var checksum: UInt32?
        var declaredByteCount: UInt64?
        var declaredPackedByteCount: UInt64?
        var headerOffset: UInt64?
        /// Sizes and offset go to the zip64 field.
        var isZip64 = false
        /// Leaves the field itself out.
        var omitsZip64Field = false
        var disk: UInt16 = 0
        /// Differences of the local header.
        var localName: String?
        var localFlags: UInt16?
        var localMethod: UInt16?
        var localChecksum: UInt32?
        var localByteCount: UInt32?
        var localPackedByteCount: UInt32?
        var localExtra: [UInt8] = []

        init(_ name: String, _ data: [UInt8]) {
            self.name = name
            self.data = data
        }

        /// Deflate without compression: blocks of type 0 (RFC 1951, section 3.2.4).
        static func storedBlocks(_ data: [UInt8]) -> [UInt8] {
            var packed: [UInt8] = []
            var rest = data[...]
            repeat {
                let block = rest.prefix(0xffff)
                rest = rest.dropFirst(block.count)
                let count = UInt16(block.count)
                packed += [rest.isEmpty ? 1 : 0] + little(count) + little(~count) + block
            } while !rest.isEmpty
            return packed
        }

        var packedBytes: [UInt8] { packed ?? (method == 8 ? Self.storedBlocks(data) : data) }
    }

    var members: [Member]
    var hasZip64End = false
    var comment: [UInt8] = []
    var prefix: [UInt8] = []
    /// Fields of the end record in place of the right ones.
    var declaredCount: UInt16?
    var diskNumber: UInt16 = 0
    var directoryOffset: UInt32?
    /// The zip64 end record's position as its locator tells it.
    var zip64EndOffset: UInt64?

    init(_ members: [Member]) { self.members = members }

    var bytes: [UInt8] {
        var file = prefix
        var directory: [UInt8] = []
        for member in members {
            let offset = member.headerOffset ?? UInt64(file.count)
            file += localHeader(member) + member.packedBytes
            directory += centralHeader(member, offset: offset)
        }
        let start = file.count
        file += directory
        if hasZip64End { file += zip64End(start: start, count: directory.count, at: file.count) }
        let count = declaredCount ?? (hasZip64End ? 0xffff : UInt16(members.count))
        let ones: UInt32? = hasZip64End ? .max : nil
        file += [0x50, 0x4b, 5, 6] + little(diskNumber) + little(UInt16(0)) + little(count)
        file += little(count) + little(ones ?? UInt32(directory.count))
        file += little(ones ?? directoryOffset ?? UInt32(start))
        return file + little(UInt16(truncatingIfNeeded: comment.count)) + comment
    }

    private func localHeader(_ member: Member) -> [UInt8] {
        let packed = member.declaredPackedByteCount ?? UInt64(member.packedBytes.count)
        let full = member.declaredByteCount ?? UInt64(member.data.count)
        let name = Array((member.localName ?? member.name).utf8)
        var extra = member.localExtra
        if member.isZip64 && !member.omitsZip64Field {
            extra += little(UInt16(1)) + little(UInt16(16)) + little(full) + little(packed)
        }
        let narrow: (UInt64) -> UInt32 = { member.isZip64 ? .max : UInt32($0) }
        return [0x50, 0x4b, 3, 4] + little(UInt16(20)) + little(member.localFlags ?? member.flags)
            + little(member.localMethod ?? member.method) + little(UInt32(0))
            + little(member.localChecksum ?? member.checksum ?? referenceCRC32(member.data))
            + little(member.localPackedByteCount ?? narrow(packed))
            + little(member.localByteCount ?? narrow(full))
            + little(UInt16(name.count)) + little(UInt16(extra.count)) + name + extra
    }

    private func centralHeader(_ member: Member, offset: UInt64) -> [UInt8] {
        let packed = member.declaredPackedByteCount ?? UInt64(member.packedBytes.count)
        let full = member.declaredByteCount ?? UInt64(member.data.count)
        let name = Array(member.name.utf8)
        var extra: [UInt8] = []
        if member.isZip64 && !member.omitsZip64Field {
            // Another writer's field comes first and is to be skipped.
            extra += little(UInt16(0x5455)) + little(UInt16(1)) + [0]
            extra += little(UInt16(1)) + little(UInt16(24))
            extra += little(full) + little(packed) + little(offset)
        }
        let narrow: (UInt64) -> UInt32 = { member.isZip64 ? .max : UInt32($0) }
        return [0x50, 0x4b, 1, 2] + little(UInt16(45)) + little(UInt16(20)) + little(member.flags)
            + little(member.method) + little(UInt32(0))
            + little(member.checksum ?? referenceCRC32(member.data))
            + little(narrow(packed)) + little(narrow(full)) + little(UInt16(name.count))
            + little(UInt16(extra.count)) + little(UInt16(0)) + little(member.disk)
            + little(UInt16(0)) + little(UInt32(0)) + little(narrow(offset)) + name + extra
    }

    private func zip64End(start: Int, count: Int, at position: Int) -> [UInt8] {
        let members = UInt64(members.count)
        return [0x50, 0x4b, 6, 6] + little(UInt64(44)) + little(UInt16(45)) + little(UInt16(45))
            + little(UInt32(0)) + little(UInt32(0)) + little(members) + little(members)
            + little(UInt64(count)) + little(UInt64(start))
            + [0x50, 0x4b, 6, 7] + little(UInt32(0)) + little(zip64EndOffset ?? UInt64(position))
            + little(UInt32(1))
    }
}
