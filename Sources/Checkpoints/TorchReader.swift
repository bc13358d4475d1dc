/// PyTorch's ZIP container: `<archive>/data.pkl` and a member `<archive>/data/<key>` a storage.
struct TorchReader {
    let archive: ZipArchive
    let limits: ReadLimits

    private static let pickleSuffix = "/data.pkl"

    /// The folder inside the archive, where it is a PyTorch file.
    static func folder(of archive: ZipArchive) -> String? {
        let pickles = archive.members.map(\.name).filter {
            $0.hasSuffix(pickleSuffix) && $0.split(separator: "/").count == 2
        }
        return pickles.count == 1 ? String(pickles[0].dropLast(pickleSuffix.count)) : nil
    }

    func read(
        folder: String
    ) throws(CheckpointError) -> ([Tensor], [String: AttributeValue]) {
        let bytes = try pickle(folder)
        let result = try PickleMachine.run(bytes, path: archive.path, limits: limits)
        let dict: StateDict
        do {
            dict = try StateDict(result, limits: limits)
        } catch {
            throw .stateDict(file: archive.path, error)
        }
        let isBigEndian = try isBigEndian(folder)
        var tensors: [Tensor] = []
        for (name, view) in dict.tensors {
            tensors.append(try tensor(name, view, folder: folder, isBigEndian: isBigEndian))
        }
        return (tensors, dict.attributes)
    }

    private func pickle(_ folder: String) throws(CheckpointError) -> [UInt8] {
        guard let member = archive[folder + Self.pickleSuffix] else {
            throw .stateDict(file: archive.path, .noPickle)
        }
        guard member.size <= UInt64(limits.pickleBytes) else {
            throw .zip(
                file: archive.path, member: member.name,
                .tooLarge(bytes: member.size, limit: limits.pickleBytes))
        }
        return try bytes(of: member).copy()
    }

    private func isBigEndian(_ folder: String) throws(CheckpointError) -> Bool {
        guard let member = archive[folder + "/byteorder"] else { return false }
        let text = String(decoding: try bytes(of: member).copy().prefix(16), as: UTF8.self)
        switch text {
        case "little": return false
        case "big": return true
        default: throw .stateDict(file: archive.path, .byteOrder(text))
        }
    }

    private func bytes(of member: ZipMember) throws(CheckpointError) -> ByteRegion {
        do {
            return try member.bytes(limit: limits.pickleBytes)
        } catch {
            throw .zip(file: archive.path, member: member.name, error)
        }
    }

    /// A view, checked against its storage.
    private func tensor(
        _ name: String, _ view: PickleTensor, folder: String, isBigEndian: Bool
    ) throws(CheckpointError) -> Tensor {
        let member = try storage(name, view, folder)
        let (shape, strides) = (view.shape.map { Int($0) }, view.strides.map { Int($0) })
        guard let count = TensorLayout.elementCount(shape) else {
            throw .tensor(file: archive.path, name: name, .shape(shape))
        }
        let layout = TensorLayout(
            offset: Int(view.offset), strides: strides, shape: shape, isBigEndian: isBigEndian)
        guard let extent = layout.checkedExtent(of: shape) else {
            throw .tensor(file: archive.path, name: name, .strides(strides))
        }
        let stored = member.size / UInt64(view.elementType.byteCount)
        guard UInt64(extent) <= stored else {
            throw .tensor(
                file: archive.path, name: name,
                .outsideStorage(elements: Int(clamping: stored)))
        }
        return Tensor(
            name: name, elementType: view.elementType, shape: shape, elementCount: count,
            layout: layout, file: archive.path,
            source: .member(member, offset: 0, limit: limits.memberBytes))
    }

    private func storage(
        _ name: String, _ view: PickleTensor, _ folder: String
    ) throws(CheckpointError) -> ZipMember {
        let path = "\(folder)/data/\(view.storage.key)"
        guard let member = archive[path] else {
            throw .stateDict(
                file: archive.path, .missingStorage(tensor: name, member: path))
        }
        // Untyped storages count bytes.
        let unit = view.storage.elementType?.byteCount ?? 1
        let (expected, overflow) = Int(view.storage.elementCount)
            .multipliedReportingOverflow(by: unit)
        guard !overflow, UInt64(expected) == member.size else {
            throw .stateDict(
                file: archive.path,
                .storageSize(
                    tensor: name, found: Int(clamping: member.size),
                    expected: overflow ? .max : expected))
        }
        return member
    }
}
