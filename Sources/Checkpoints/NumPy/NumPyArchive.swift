/// Reads the files of `numpy.savez` and `numpy.savez_compressed`: ZIP archives of arrays.
enum NumPyArchive {
    private static let suffix = ".npy"

    /// The arrays in the members `<name>.npy` whose name is wanted, in file order. Members with
    /// other names are not arrays; members that are not wanted are not looked at.
    static func tensors(
        in archive: ZipArchive, limits: ReadLimits, where isWanted: (String) -> Bool
    ) throws(CheckpointError) -> [Tensor] {
        var tensors: [Tensor] = []
        for entry in archive.entries where entry.name.hasSuffix(suffix) {
            let name = String(entry.name.dropLast(suffix.count))
            guard isWanted(name) else { continue }
            let part = "member \(entry.name)"
            try ReadLimit.tensorCount.check(
                tensors.count + 1, atMost: limits.tensorCount, path: archive.path, part: part)
            try ReadLimit.nameByteCount.check(
                name.utf8.count, atMost: limits.nameByteCount, path: archive.path, part: part)
            guard let contents = archive.contents(of: entry.name) else { continue }
            tensors.append(try NumPyArray.tensor(name: name, in: contents, limits: limits))
        }
        return tensors
    }
}
