internal import Digests

package enum CheckpointFormat: String, Sendable {
    /// `numpy.savez`, stored or deflated.
    case npz
    /// `numpy.save`: one array, whose name is empty.
    case npy
    /// `torch.save` since PyTorch 1.6.
    case pytorchZip = "pytorch-zip"
    /// `torch.save` before that, and on demand since.
    case pytorchLegacy = "pytorch-legacy"
    case safetensors
}

/// The named tensors of a checkpoint file, and the attributes beside them.
///
/// Opening maps the file, reads its headers and checks that every tensor lies inside; elements are
/// read, inflated and checked against their checksums when a tensor is asked for them. Nothing in a
/// file is ever executed.
package struct Checkpoint: Sendable {
    package let format: CheckpointFormat
    /// The path given to `open`; names the file in errors.
    package let path: String
    /// In file order. No two names are the same, those of `unread` included.
    package let tensors: [Tensor]
    /// Tensors that are in the file but cannot be read, in file order. Only what needs one of them
    /// is to be refused, by `refusal(of:)`.
    package let unread: [UnreadTensor]
    /// Scalars and lists of integers found beside the tensors of a pickle, under dotted names
    /// such as `epoch`, `args.num_group` or (of a module's own) `num_classes`. Empty for the other
    /// formats.
    package let attributes: [String: AttributeValue]
    /// The texts under `__metadata__` in a safetensors file. Empty for other formats.
    package let metadata: [String: String]
    /// The keys at the top of a PyTorch file below which weight matrices lie, in file order, if
    /// there are several: raw and averaged weights, or the parts of a nested dictionary. Each, and
    /// a dot, begins the names of its tensors and attributes.
    package let stateDicts: [String]
    /// The key at the top of a PyTorch file below which all weights lie, such as `state_dict`, if
    /// names leave it out.
    package let wrapper: String?
    private let file: ByteView
    private let indices: [String: Int]
    private let unreadIndices: [String: Int]

    /// Bytes of the file.
    package var byteCount: Int { file.count }

    /// Reads the headers of the file at `path`, of any format in `CheckpointFormat`, recognised by
    /// content. A later read fails if the file was changed in place in the meantime.
    package static func open(
        _ path: String, limits: ReadLimits = .standard
    ) throws(CheckpointError) -> Checkpoint {
        try Checkpoint(ByteView(try MappedFile(path: path)), path: path, limits: limits)
    }

    /// Reads only the arrays of these names from the `.npz` file at `path`; others may be anything.
    package static func arrays(
        _ names: Set<String>, of path: String, limits: ReadLimits = .standard
    ) throws(CheckpointError) -> [String: Tensor] {
        let file = ByteView(try MappedFile(path: path))
        guard FormatRecognition(file) == .archive else {
            throw .unsupportedFormat(path: path, recognized: .otherArchive)
        }
        let archive = try ZipArchive(file, path: path, limits: limits)
        let tensors = try NumPyArchive.tensors(in: archive, limits: limits) { names.contains($0) }
        return Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0) })
    }

    /// Reads a checkpoint that is already in memory; `name` stands for the path in errors.
    package static func read(
        _ bytes: [UInt8], name: String, limits: ReadLimits = .standard
    ) throws(CheckpointError) -> Checkpoint {
        try Checkpoint(ByteView(bytes), path: name, limits: limits)
    }

    /// The tensor called `name`, in constant time.
    package subscript(name: String) -> Tensor? { indices[name].map { tensors[$0] } }

    /// The tensor called `name` among those that cannot be read, in constant time.
    package func unreadTensor(named name: String) -> UnreadTensor? {
        unreadIndices[name].map { unread[$0] }
    }

    /// The error for a head that needs `tensor`: names it, its type and the reason.
    package func refusal(of tensor: UnreadTensor) -> CheckpointError {
        .tensor(
            path: path, name: tensor.name,
            defect: .unread(type: tensor.type, reason: tensor.reason))
    }

    /// Bytes hashed between two releases of the file's pages.
    private static let digestPieceByteCount = 1 << 22

    /// SHA-256 of the whole file in lower-case hexadecimal. Reads every byte once, in pieces whose
    /// pages are let go.
    package func digest() throws(CheckpointError) -> String {
        let digest: String
        do throws(DigestError) {
            var hash = try SHA256()
            for start in stride(from: 0, to: file.count, by: Self.digestPieceByteCount) {
                let count = min(Self.digestPieceByteCount, file.count - start)
                guard let piece = file.slice(at: start, count: count) else { break }
                try piece.withSpan { (span) throws(DigestError) in try hash.update(span) }
                piece.letGo()
            }
            digest = try hash.finalize().hexadecimal
        } catch {
            throw .digest(path: path, error: error)
        }
        try file.checkUnchanged(path: path)
        return digest
    }

    private init(_ file: ByteView, path: String, limits: ReadLimits) throws(CheckpointError) {
        self.file = file
        self.path = path
        let contents: CheckpointContents
        (format, contents) = try Self.contents(of: file, path: path, limits: limits)
        tensors = contents.tensors
        unread = contents.unread
        attributes = contents.attributes
        metadata = contents.metadata
        stateDicts = contents.stateDicts
        wrapper = contents.wrapper
        var names: Set<String> = []
        indices = try Self.indices(of: tensors.map(\.name), path: path, taken: &names)
        unreadIndices = try Self.indices(of: unread.map(\.name), path: path, taken: &names)
    }

    /// The place of each name, none of which may be taken.
    private static func indices(
        of names: [String], path: String, taken: inout Set<String>
    ) throws(CheckpointError) -> [String: Int] {
        var indices: [String: Int] = [:]
        for (index, name) in names.enumerated() {
            guard taken.insert(name).inserted else {
                throw .tensor(path: path, name: name, defect: .duplicateName)
            }
            indices[name] = index
        }
        return indices
    }

    private static func contents(
        of file: ByteView, path: String, limits: ReadLimits
    ) throws(CheckpointError) -> (CheckpointFormat, CheckpointContents) {
        switch FormatRecognition(file) {
        case .array:
            let contents = MemberContents(file, path: path, name: "")
            let tensor = try NumPyArray.tensor(name: "", in: contents, limits: limits)
            return (.npy, CheckpointContents(tensors: [tensor]))
        case .archive:
            return try contents(
                of: try ZipArchive(file, path: path, limits: limits), limits: limits)
        case .legacyTorch:
            return (.pytorchLegacy, try LegacyTorchFile.contents(file, path: path, limits: limits))
        case .safetensors:
            let file = try SafetensorsFile(file, path: path, limits: limits)
            return (
                .safetensors, CheckpointContents(tensors: file.tensors, metadata: file.metadata)
            )
        case .unread(let recognized):
            throw .unsupportedFormat(path: path, recognized: recognized)
        }
    }

    private static func contents(
        of archive: ZipArchive, limits: ReadLimits
    ) throws(CheckpointError) -> (CheckpointFormat, CheckpointContents) {
        if let contents = try TorchArchive.contents(archive, limits: limits) {
            return (.pytorchZip, contents)
        }
        let tensors = try NumPyArchive.tensors(in: archive, limits: limits) { _ in true }
        if !tensors.isEmpty { return (.npz, CheckpointContents(tensors: tensors)) }
        throw .unsupportedFormat(path: archive.path, recognized: .otherArchive)
    }
}
