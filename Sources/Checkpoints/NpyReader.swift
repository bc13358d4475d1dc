/// NumPy arrays, alone and in `.npz` archives.
enum NpyReader {
    private static let suffix = ".npy"

    /// The array a `.npy` file is; its name is empty.
    static func tensor(_ file: ByteRegion, path: String) throws(CheckpointError) -> Tensor {
        let start = file.slice(offset: 0, count: UInt64(min(file.count, headerBytes)))
        let header = try header(start?.copy() ?? [], path: path, member: "")
        guard let data = file.suffix(from: header.dataOffset) else {
            throw .npy(file: path, member: "", .truncatedHeader)
        }
        return try tensor(
            header, name: "", dataBytes: data.count, source: .region(data), path: path)
    }

    /// The arrays of an archive, named by their members without `.npy`.
    static func tensors(
        _ archive: ZipArchive, limits: ReadLimits
    ) throws(CheckpointError) -> [Tensor] {
        var tensors: [Tensor] = []
        for member in archive.members {
            let name =
                member.name.hasSuffix(suffix)
                ? String(member.name.dropLast(suffix.count)) : member.name
            let header = try header(
                try prefix(member, archive.path), path: archive.path, member: name)
            guard let size = Int(exactly: member.size) else {
                throw .npy(file: archive.path, member: name, .shapeOverflow(header.shape))
            }
            tensors.append(
                try tensor(
                    header, name: name, dataBytes: size - header.dataOffset,
                    source: .member(
                        member, offset: header.dataOffset, limit: limits.memberBytes),
                    path: archive.path))
        }
        return tensors
    }

    private static let headerBytes = NpyHeader.preambleBytes + NpyHeader.maximumBytes

    private static func prefix(
        _ member: ZipMember, _ path: String
    ) throws(CheckpointError) -> [UInt8] {
        do {
            return try member.prefix(headerBytes)
        } catch {
            throw .zip(file: path, member: member.name, error)
        }
    }

    private static func header(
        _ bytes: [UInt8], path: String, member: String
    ) throws(CheckpointError) -> NpyHeader {
        do {
            return try NpyHeader(bytes)
        } catch {
            throw .npy(file: path, member: member, error)
        }
    }

    private static func tensor(
        _ header: NpyHeader, name: String, dataBytes: Int, source: TensorSource, path: String
    ) throws(CheckpointError) -> Tensor {
        guard let count = TensorLayout.elementCount(header.shape) else {
            throw .npy(file: path, member: name, .shapeOverflow(header.shape))
        }
        let expected = count * header.elementType.byteCount
        guard dataBytes == expected else {
            throw .npy(file: path, member: name, .dataSize(found: dataBytes, expected: expected))
        }
        return Tensor(
            name: name, elementType: header.elementType, shape: header.shape,
            elementCount: count,
            layout: TensorLayout(
                shape: header.shape, isFortranOrder: header.isFortranOrder,
                isBigEndian: header.isBigEndian),
            file: path, source: source)
    }
}
