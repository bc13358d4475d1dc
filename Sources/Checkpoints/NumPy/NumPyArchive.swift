/// Reads the files of `numpy.savez` and `numpy.savez_compressed`: ZIP archives of arrays.
enum NumPyArchive {
    private static let suffix = ".npy"

    /// Whether any member is an array.
    static func isOne(_ archive: ZipArchive) -> Bool {
        archive.entries.contains { arrayName($0.name) != nil }
    }

    /// The names of all arrays, and of members that are none, in the order of the archive.
    static func names(in archive: ZipArchive) -> [String] {
        archive.entries.lazy.map(\.name).filter { !isByproduct($0) }.map { arrayName($0) ?? $0 }
    }

    /// The arrays whose name is wanted, in the order of the archive; those that are not are not
    /// looked at. Arrays of types that nobody reads, and wanted members that are no arrays, are
    /// listed as unread.
    static func contents(
        of archive: ZipArchive, limits: ReadLimits, where isWanted: (String) -> Bool
    ) throws(CheckpointError) -> CheckpointContents {
        var contents = CheckpointContents()
        for entry in archive.entries where !isByproduct(entry.name) {
            let name = arrayName(entry.name) ?? entry.name
            guard isWanted(name) else { continue }
            let part = "member \(entry.name)"
            let count = contents.tensors.count + contents.unread.count + 1
            try ReadLimit.tensorCount.check(
                count, atMost: limits.tensorCount, path: archive.path, part: part)
            try ReadLimit.nameByteCount.check(
                name.utf8.count, atMost: limits.nameByteCount, path: archive.path, part: part)
            if name == entry.name {
                // An array of the same name goes before it.
                guard archive.contents(of: name + suffix) == nil else { continue }
                contents.unread.append(
                    UnreadTensor(
                        name: name, shape: nil, type: "no array",
                        reason: "it is a member whose name does not end in \(suffix)"))
            } else if let member = archive.contents(of: entry.name) {
                try NumPyArray.add(member, name: name, limits: limits, to: &contents)
            }
        }
        return contents
    }

    /// The name of the array in the member called `name`; nil for a member that is none.
    private static func arrayName(_ name: String) -> String? {
        guard name.hasSuffix(suffix), !isByproduct(name) else { return nil }
        return String(name.dropLast(suffix.count))
    }

    /// Whether a member is there only because a file manager has packed the archive: a folder's
    /// own entry, the Finder's `__MACOSX/…`, `._…` and `.DS_Store`.
    private static func isByproduct(_ name: String) -> Bool {
        if name.hasSuffix("/") || name.hasPrefix("__MACOSX/") { return true }
        let last = name.split(separator: "/").last ?? ""
        return last.hasPrefix("._") || last == ".DS_Store"
    }
}
