/// Reads what `numpy.savez` and `numpy.savez_compressed` write: a ZIP archive of arrays.
enum NumPyArchive {
    private static let suffix = ".npy"

    /// The arrays in the members `<name>.npy`, in file order; nil when there is none. Members of
    /// other names are no arrays.
    static func tensors(
        in archive: ZipArchive, limits: ReadLimits
    ) throws(CheckpointError) -> [Tensor]? {
        var tensors: [Tensor] = []
        for entry in archive.entries where entry.name.hasSuffix(suffix) {
            let name = String(entry.name.dropLast(suffix.count))
            let part = "member \(entry.name)"
            try ReadLimit.tensorCount.check(
                tensors.count + 1, atMost: limits.tensorCount, path: archive.path, part: part)
            try ReadLimit.nameByteCount.check(
                name.utf8.count, atMost: limits.nameByteCount, path: archive.path, part: part)
            guard let contents = archive.contents(of: entry.name) else { continue }
            tensors.append(try NumPyArray.tensor(name: name, in: contents, limits: limits))
        }
        return tensors.isEmpty ? nil : tensors
    }
}
