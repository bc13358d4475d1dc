internal import Digests

/// The file formats that are read.
package enum CheckpointFormat: String, Sendable {
    case npz
    case npy
    case pytorchZip = "pytorch-zip"
}

/// Named tensors of one file, which stays mapped for as long as any of them is in use.
package struct Checkpoint: Sendable {
    package let path: String
    package let format: CheckpointFormat
    /// In the order of the file.
    package let tensors: [Tensor]
    /// Plain values that stand beside the tensors, `epoch` for instance.
    package let attributes: [String: AttributeValue]
    private let indices: [String: Int]
    private let file: ByteRegion

    package var byteCount: Int { file.count }

    /// The tensor of that name.
    package subscript(name: String) -> Tensor? { indices[name].map { tensors[$0] } }

    /// Opens a file and finds its tensors; values are read later. Recognises the format by content.
    package static func open(
        _ path: String, limits: ReadLimits = .standard
    ) throws(CheckpointError) -> Checkpoint {
        let file = ByteRegion(try MappedFile(path))
        switch FileSignature(file) {
        case .npy:
            return Checkpoint(
                path, .npy, [try NpyReader.tensor(file, path: path)], [:], file)
        case .zip:
            let archive = try ZipArchive(file, path: path, limits: limits)
            guard let folder = TorchReader.folder(of: archive) else {
                return Checkpoint(
                    path, .npz, try NpyReader.tensors(archive, limits: limits), [:], file)
            }
            let (tensors, attributes) = try TorchReader(archive: archive, limits: limits)
                .read(folder: folder)
            return Checkpoint(path, .pytorchZip, tensors, attributes, file)
        case .other(let found):
            throw .unsupportedFormat(file: path, found: found)
        }
    }

    private init(
        _ path: String, _ format: CheckpointFormat, _ tensors: [Tensor],
        _ attributes: [String: AttributeValue], _ file: ByteRegion
    ) {
        self.path = path
        self.format = format
        self.tensors = tensors
        self.attributes = attributes
        self.file = file
        indices = Dictionary(
            zip(tensors.map(\.name), tensors.indices), uniquingKeysWith: { first, _ in first })
    }

    /// SHA-256 of the file, as 64 lower-case hexadecimal digits. Reads all of it.
    package func digest() throws(CheckpointError) -> String {
        do {
            var digest = try SHA256()
            file.withBytes { digest.update($0) }
            return digest.hexadecimal()
        } catch {
            throw .digestUnavailable(file: path)
        }
    }
}

/// What a file is, by its first bytes.
private enum FileSignature {
    case npy
    case zip
    case other(String)

    /// The magic number of PyTorch's legacy files, as a pickle of protocol 2 begins with it.
    private static let legacyTorch: [UInt8] = [
        0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19,
    ]

    init(_ file: ByteRegion) {
        let start = file.slice(offset: 0, count: UInt64(min(file.count, 16)))?.copy() ?? []
        self =
            if start.starts(with: [0x93] + Array("NUMPY".utf8)) {
                .npy
            } else if start.starts(with: "PK".utf8) {
                .zip
            } else if start.starts(with: Self.legacyTorch) {
                .other("a file of PyTorch's legacy format")
            } else if start.isEmpty {
                .other("an empty file")
            } else {
                .other("no known kind of file")
            }
    }
}
