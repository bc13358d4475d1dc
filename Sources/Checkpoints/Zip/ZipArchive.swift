/// A ZIP archive over bytes in memory; its members, stored or deflated, are views.
///
/// Opening reads the central directory and every local header, and checks that names are unique
/// and that no two members share bytes. Zip64 is read; encryption, other methods and archives
/// over several disks are refused. Cost: one pass over the headers.
struct ZipArchive {
    let path: String
    /// In the order of the central directory.
    let entries: [ZipEntry]
    private let ranges: [Range<Int>]
    private let indices: [String: Int]
    private let file: ByteView
    private let limits: ReadLimits

    init(_ file: ByteView, path: String, limits: ReadLimits) throws(CheckpointError) {
        self.path = path
        self.file = file
        self.limits = limits
        let end = try ZipEndRecord(file, path: path)
        let directory = try Self.directory(end, in: file, path: path)
        entries = try Self.entries(end, in: directory, path: path, limits: limits)
        let members = file.slice(at: 0, count: end.directoryEnd - directory.count) ?? file
        ranges = try Self.ranges(entries, in: members, path: path)
        var indices: [String: Int] = [:]
        for (index, entry) in entries.enumerated() {
            guard indices.updateValue(index, forKey: entry.name) == nil else {
                throw .archive(path: path, member: entry.name, defect: .duplicateName)
            }
        }
        self.indices = indices
        try checkSizes()
    }

    /// The member called `name`, or nil. Nothing of it is read or inflated yet.
    func contents(of name: String) -> MemberContents? {
        guard let index = indices[name] else { return nil }
        let range = ranges[index]
        guard let stored = file.slice(at: range.lowerBound, count: range.count) else { return nil }
        return MemberContents(stored, path: path, entry: entries[index])
    }

    private static func directory(
        _ end: ZipEndRecord, in file: ByteView, path: String
    ) throws(CheckpointError) -> ByteView {
        let (found, overflows) = end.directoryOffset.addingReportingOverflow(
            end.directoryByteCount)
        guard !overflows, found == UInt64(end.directoryEnd),
            let offset = Int(exactly: end.directoryOffset),
            let directory = file.slice(at: offset, count: end.directoryEnd - offset)
        else {
            let defect = ArchiveDefect.misplacedDirectory(
                end: overflows ? UInt64.max : found, expected: UInt64(end.directoryEnd))
            throw .archive(path: path, member: "", defect: defect)
        }
        return directory
    }

    private static func entries(
        _ end: ZipEndRecord, in directory: ByteView, path: String, limits: ReadLimits
    ) throws(CheckpointError) -> [ZipEntry] {
        try ReadLimit.memberCount.check(
            Int(clamping: end.memberCount), atMost: limits.memberCount, path: path,
            part: "central directory")
        var cursor = ByteCursor(directory, path: path, part: "central directory")
        var entries: [ZipEntry] = []
        while cursor.remaining > 0 && entries.count < end.memberCount {
            entries.append(try ZipEntry(&cursor))
        }
        guard entries.count == end.memberCount, cursor.remaining == 0 else {
            let defect = ArchiveDefect.memberCountMismatch(
                declared: end.memberCount, found: UInt64(entries.count))
            throw .archive(path: path, member: "", defect: defect)
        }
        return entries
    }

    /// The bytes of each member inside `members`, the part of the file before the directory.
    private static func ranges(
        _ entries: [ZipEntry], in members: ByteView, path: String
    ) throws(CheckpointError) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        for entry in entries {
            let start = try ZipLocalHeader(entry, in: members, path: path).dataOffset
            guard entry.compressedByteCount <= members.count - start else {
                let defect = ArchiveDefect.outsideFile(
                    offset: UInt64(start), byteCount: UInt64(entry.compressedByteCount))
                throw .archive(path: path, member: entry.name, defect: defect)
            }
            ranges.append(start..<(start + entry.compressedByteCount))
        }
        let order = entries.indices.sorted { entries[$0].headerOffset < entries[$1].headerOffset }
        for (left, right) in zip(order, order.dropFirst())
        where entries[right].headerOffset < ranges[left].upperBound {
            let defect = ArchiveDefect.overlaps(member: entries[left].name)
            throw .archive(path: path, member: entries[right].name, defect: defect)
        }
        return ranges
    }

    /// The quotient, rounded up; no compressed bytes count as one.
    private static func ratio(_ byteCount: Int, to compressedByteCount: Int) -> Int {
        let divisor = max(1, compressedByteCount)
        return byteCount / divisor + (byteCount.isMultiple(of: divisor) ? 0 : 1)
    }

    /// Checks declared sizes against the limits before anything is allocated for them.
    private func checkSizes() throws(CheckpointError) {
        var inflated = 0
        for entry in entries {
            let part = "member \(entry.name)"
            try ReadLimit.memberByteCount.check(
                entry.byteCount, atMost: limits.memberByteCount, path: path, part: part)
            switch entry.method {
            case .stored:
                guard entry.byteCount == entry.compressedByteCount else {
                    let defect = ArchiveDefect.storedSizesDiffer(
                        compressed: entry.compressedByteCount, uncompressed: entry.byteCount)
                    throw .archive(path: path, member: entry.name, defect: defect)
                }
            case .deflated:
                let ratio = Self.ratio(entry.byteCount, to: entry.compressedByteCount)
                try ReadLimit.inflationRatio.check(
                    ratio, atMost: limits.inflationRatio, path: path, part: part)
                let sum = inflated.addingReportingOverflow(entry.byteCount)
                inflated = sum.overflow ? Int.max : sum.partialValue
                try ReadLimit.inflatedByteCount.check(
                    inflated, atMost: limits.inflatedByteCount, path: path, part: part)
            }
        }
    }
}
