/// Reads files that `torch.save` writes since PyTorch 1.6: ZIP archives of a pickle and its
/// storages.
enum TorchArchive {
    private static let pickleName = "/data.pkl"

    /// Reads the pickle in the archive's only `<folder>/data.pkl` and lays its tensors over the
    /// members `<folder>/data/<key>`. Nil when the archive has no pickle.
    static func contents(
        _ archive: ZipArchive, limits: ReadLimits
    ) throws(CheckpointError) -> CheckpointContents? {
        guard let pickleName = try Self.pickleName(in: archive) else { return nil }
        let folder = pickleName.dropLast(Self.pickleName.count)
        // TorchScript keeps its code beside the pickle.
        guard !archive.entries.contains(where: { $0.name == "\(folder)/constants.pkl" }) else {
            throw .unsupportedFormat(path: archive.path, recognized: .torchScript)
        }
        try checkVersion(archive, folder)
        let isBigEndian = try Self.isBigEndian(archive, folder)
        guard let pickle = archive.contents(of: pickleName) else { return nil }
        // Before the checksum looks at every byte.
        try ReadLimit.pickleByteCount.check(
            pickle.byteCount, atMost: limits.pickleByteCount, path: archive.path, part: "pickle")
        var cursor = ByteCursor(try pickle.verified(), path: archive.path, part: "pickle")
        let document = try PickleMachine.document(at: &cursor, limits: limits)
        let stateDict = try StateDict(document, path: archive.path, limits: limits)

        var contents: [String: MemberContents] = [:]
        for key in Set(stateDict.tensors.map(\.view.storage.key)) {
            contents[key] = archive.contents(of: "\(folder)/data/\(key)")
        }
        let storages = TorchStorages(
            contents: contents, path: archive.path, isBigEndian: isBigEndian, limits: limits)
        return try storages.contents(of: stateDict)
    }

    private static func pickleName(in archive: ZipArchive) throws(CheckpointError) -> String? {
        let names = archive.entries.lazy.map(\.name).filter { name in
            name.hasSuffix(Self.pickleName) && name.count { $0 == "/" } == 1
        }
        guard let first = names.first else { return nil }
        if let second = names.dropFirst().first {
            throw .archive(
                path: archive.path, member: second, defect: .severalPickles(other: first))
        }
        return first
    }

    /// Versions 1 to 10 differ in TorchScript only.
    private static func checkVersion(
        _ archive: ZipArchive, _ folder: Substring
    ) throws(CheckpointError) {
        let name = "\(folder)/version"
        guard let text = try word(name, in: archive) else {
            throw .archive(path: archive.path, member: name, defect: .missing)
        }
        guard let version = Int(text), (1...10).contains(version) else {
            throw .archive(path: archive.path, member: name, defect: .unsupportedContent(text))
        }
    }

    /// Files from before PyTorch 2.1 lack the member and are little-endian.
    private static func isBigEndian(
        _ archive: ZipArchive, _ folder: Substring
    ) throws(CheckpointError) -> Bool {
        let name = "\(folder)/byteorder"
        switch try word(name, in: archive) {
        case nil, "little": return false
        case "big": return true
        case let text?:
            throw .archive(path: archive.path, member: name, defect: .unsupportedContent(text))
        }
    }

    /// The content of a member that holds one word, without the line's end.
    private static func word(
        _ name: String, in archive: ZipArchive
    ) throws(CheckpointError) -> String? {
        guard let member = archive.contents(of: name) else { return nil }
        let longest = 64
        let bytes = try member.verified()
        guard bytes.count <= longest, let text = bytes.text else {
            throw .archive(
                path: archive.path, member: name,
                defect: .unsupportedContent("\(bytes.count) bytes"))
        }
        return String(text.prefix { !$0.isNewline })
    }
}
