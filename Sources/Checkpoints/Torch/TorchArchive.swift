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
        // It is part of the names of all members.
        try ReadLimit.nameByteCount.check(
            pickleName.utf8.count, atMost: limits.nameByteCount, path: archive.path,
            part: "folder of the archive")
        // TorchScript keeps its code beside the pickle.
        guard archive.contents(of: "\(folder)/constants.pkl") == nil else {
            throw .unsupportedFormat(path: archive.path, recognized: .torchScript)
        }
        try checkVersion(archive, folder, limits)
        let isBigEndian = try Self.isBigEndian(archive, folder, limits)
        guard let pickle = archive.contents(of: pickleName) else { return nil }
        try ReadLimit.pickleByteCount.check(
            pickle.byteCount,
            atMost: limits.pickleByteCount(isDeflated: pickle.coding == .deflated),
            path: archive.path, part: "pickle")
        var cursor = ByteCursor(try pickle.verified(), path: archive.path, part: "pickle")
        let document = try PickleMachine.document(at: &cursor, limits: limits)
        let stateDict = try StateDict(document, path: archive.path, limits: limits)

        var contents: [String: MemberContents] = [:]
        for key in stateDict.storageKeys {
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
        _ archive: ZipArchive, _ folder: Substring, _ limits: ReadLimits
    ) throws(CheckpointError) {
        let name = "\(folder)/version"
        guard let text = try word(name, in: archive, limits) else {
            throw .archive(path: archive.path, member: name, defect: .missing)
        }
        guard let version = Int(text), (1...10).contains(version) else {
            throw .archive(path: archive.path, member: name, defect: .unsupportedContent(text))
        }
    }

    /// Files from before PyTorch 2.1 lack the member and are little-endian.
    private static func isBigEndian(
        _ archive: ZipArchive, _ folder: Substring, _ limits: ReadLimits
    ) throws(CheckpointError) -> Bool {
        let name = "\(folder)/byteorder"
        switch try word(name, in: archive, limits) {
        case nil, "little": return false
        case "big": return true
        case let text?:
            throw .archive(path: archive.path, member: name, defect: .unsupportedContent(text))
        }
    }

    /// The content of a member that holds one word, without the line's end. Its declared size,
    /// where inflating it would stop, is checked before anything is read.
    private static func word(
        _ name: String, in archive: ZipArchive, _ limits: ReadLimits
    ) throws(CheckpointError) -> String? {
        guard let member = archive.contents(of: name) else { return nil }
        try ReadLimit.wordByteCount.check(
            member.byteCount, atMost: limits.wordByteCount, path: archive.path,
            part: "member \(name)")
        guard let text = try member.verified().text else {
            throw .archive(
                path: archive.path, member: name,
                defect: .unsupportedContent("\(member.byteCount) bytes"))
        }
        return String(text.prefix { !$0.isNewline })
    }
}
