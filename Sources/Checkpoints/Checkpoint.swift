internal import Digests

/// The named tensors of a checkpoint, and the attributes beside them.
///
/// A checkpoint is a file, or several (shards) and the index that names them.
///
/// Opening maps the file, reads its headers and checks that every tensor lies inside; elements are
/// read, inflated and checked against their checksums when a tensor is asked for them. Nothing in a
/// file is ever executed.
package struct Checkpoint: Sendable {
    package let format: CheckpointFormat
    /// The path given to `open`, of shards that of their index; names the file in errors.
    package let path: String
    /// In file order. No two names are the same, those of `unread` included.
    package let tensors: [Tensor]
    /// Tensors that are in the file but cannot be read, in file order. Only what needs one of them
    /// is to be refused, by `refusal(of:)`.
    package let unread: [UnreadTensor]
    /// Unread arrays of texts by name, as arrays of code points: see `texts(named:)`.
    let texts: [String: Tensor]
    /// Scalars and lists of integers found beside the tensors of a pickle, under dotted names
    /// such as `epoch`, `args.num_group` or (of a module's own) `num_classes`. Empty for the other
    /// formats.
    package let attributes: [String: AttributeValue]
    /// The texts under `__metadata__` in a safetensors file; of shards, those that no two of them
    /// give differently. Empty for other formats.
    package let metadata: [String: String]
    /// The keys at the top of a PyTorch file below which weight matrices lie, in file order, if
    /// there are several: raw and averaged weights, or the parts of a nested dictionary. Each, and
    /// a dot, begins the names of its tensors and attributes.
    package let stateDicts: [String]
    /// The key at the top of a PyTorch file below which all weights lie, such as `state_dict`, if
    /// names leave it out.
    package let wrapper: String?
    /// The file; or the index, then the shards in the order of their names.
    let files: [CheckpointFile]
    private let indices: [String: Int]
    private let unreadIndices: [String: Int]
    private let nameIndex: NameIndex

    /// Bytes of all files together.
    package var byteCount: Int { files.reduce(0) { $0 + $1.bytes.count } }

    /// Reads the headers of the file at `path`, of any format in `CheckpointFormat`, recognised by
    /// content; of the index of shards, or of one of them beside its index, those of all. A later
    /// read fails if a file was changed in place in the meantime.
    package static func open(
        _ path: String, limits: ReadLimits = .standard
    ) throws(CheckpointError) -> Checkpoint {
        let file = try CheckpointFile(mapping: path)
        if let shards = try ShardSet(of: file, limits: limits) {
            return try Checkpoint(shards, limits: limits)
        }
        return try Checkpoint(file, limits: limits)
    }

    /// Reads only the arrays of these names from the `.npz` file at `path`; others may be anything,
    /// and only their names are given, in file order.
    package static func arrays(
        _ names: Set<String>, of path: String, limits: ReadLimits = .standard
    ) throws(CheckpointError) -> (arrays: [String: Tensor], others: [String]) {
        let file = try CheckpointFile(mapping: path)
        guard FormatRecognition(file) == .archive else {
            throw .unsupportedFormat(path: path, recognized: .otherArchive)
        }
        let archive = try ZipArchive(file.bytes, path: path, limits: limits)
        let contents = try NumPyArchive.contents(of: archive, limits: limits) {
            names.contains($0)
        }
        if let array = contents.unread.first { throw refusal(of: array, in: path) }
        return (
            Dictionary(uniqueKeysWithValues: contents.tensors.map { ($0.name, $0) }),
            NumPyArchive.names(in: archive).filter { !names.contains($0) }
        )
    }

    /// Reads a checkpoint that is already in memory; `name` stands for the path in errors.
    package static func read(
        _ bytes: [UInt8], name: String, limits: ReadLimits = .standard
    ) throws(CheckpointError) -> Checkpoint {
        try Checkpoint(CheckpointFile(path: name, bytes: ByteView(bytes)), limits: limits)
    }

    /// The tensor called `name`, in constant time.
    package subscript(name: String) -> Tensor? { indices[name].map { tensors[$0] } }

    /// The tensor called `name` among those that cannot be read, in constant time.
    package func unreadTensor(named name: String) -> UnreadTensor? {
        unreadIndices[name].map { unread[$0] }
    }

    /// The names of all tensors, those that cannot be read behind the others.
    package var allNames: [String] { nameIndex.names }

    /// Those of all names that begin with `start`, in the order of all. Does not look at others.
    package func names(beginningWith start: String) -> [String] {
        nameIndex.names(beginningWith: start)
    }

    /// Whether there is a name that begins with `start`. Cost O(log n).
    package func hasName(beginningWith start: String) -> Bool {
        nameIndex.hasName(beginningWith: start)
    }

    /// The shape of the array of texts called `name`; nil where there is none.
    package func textShape(named name: String) -> [Int]? { texts[name].map { $0.shape.dropLast() } }

    /// The elements in C order of the array of texts called `name`, which is among those that are
    /// unread as tensors; nil where there is none. Refuses numbers that are no code points. Cost
    /// O(n) in the bytes of the array.
    package func texts(named name: String) throws(CheckpointError) -> [String]? {
        try texts[name]?.texts()
    }

    /// The error for a head that needs `tensor`: names it, its type and the reason.
    package func refusal(of tensor: UnreadTensor) -> CheckpointError {
        Self.refusal(of: tensor, in: path)
    }

    private static func refusal(of tensor: UnreadTensor, in path: String) -> CheckpointError {
        .tensor(
            path: path, name: tensor.name,
            defect: .unread(type: tensor.type, reason: tensor.reason))
    }

    /// Bytes hashed between two releases of the file's pages.
    private static let digestPieceByteCount = 1 << 22

    /// SHA-256 of the whole file in lower-case hexadecimal; of shards, that of the index and
    /// behind it all shards in the order of their names, as `cat` would put them together. Reads
    /// every byte once, in pieces whose pages are let go.
    package func digest() throws(CheckpointError) -> String {
        let digest: String
        do throws(DigestError) {
            var hash = try SHA256()
            for file in files { try Self.add(file.bytes, to: &hash) }
            digest = try hash.finalize().hexadecimal
        } catch {
            throw .digest(path: path, error: error)
        }
        for file in files { try file.bytes.checkUnchanged(path: file.path) }
        return digest
    }

    private static func add(_ file: ByteView, to hash: inout SHA256) throws(DigestError) {
        for start in stride(from: 0, to: file.count, by: digestPieceByteCount) {
            let count = min(digestPieceByteCount, file.count - start)
            guard let piece = file.slice(at: start, count: count) else { break }
            try piece.withSpan { (span) throws(DigestError) in try hash.update(span) }
            piece.letGo()
        }
    }

    /// Reads one file, whatever its name says. The names of a shard's tensors stay as the index
    /// has them.
    init(
        _ file: CheckpointFile, isShard: Bool = false, limits: ReadLimits
    ) throws(CheckpointError) {
        var (format, contents) = try Self.contents(of: file, limits: limits)
        if format.isTorch, !isShard { contents.stripParallelPrefix() }
        try self.init(format: format, contents, files: [file])
    }

    /// Refuses two tensors of one name. The first of `files` gives the path.
    init(
        format: CheckpointFormat, _ contents: CheckpointContents, files: [CheckpointFile]
    ) throws(CheckpointError) {
        self.format = format
        self.files = files
        path = files[0].path
        tensors = contents.tensors
        unread = contents.unread
        texts = Dictionary(contents.texts.map { ($0.name, $0) }) { first, _ in first }
        attributes = contents.attributes
        metadata = contents.metadata
        stateDicts = contents.stateDicts
        wrapper = contents.wrapper
        var names: Set<String> = []
        indices = try Self.indices(of: tensors.map(\.name), path: path, taken: &names)
        unreadIndices = try Self.indices(of: unread.map(\.name), path: path, taken: &names)
        nameIndex = NameIndex(tensors.map(\.name) + unread.map(\.name))
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
        of file: CheckpointFile, limits: ReadLimits
    ) throws(CheckpointError) -> (CheckpointFormat, CheckpointContents) {
        let (bytes, path) = (file.bytes, file.path)
        switch FormatRecognition(file) {
        case .array:
            let contents = MemberContents(bytes, path: path, name: "")
            let tensor = try NumPyArray.tensor(name: "", in: contents, limits: limits)
            return (.npy, CheckpointContents(tensors: [tensor]))
        case .archive:
            return try contents(
                of: try ZipArchive(bytes, path: path, limits: limits), limits: limits)
        case .legacyTorch:
            return (.pytorchLegacy, try LegacyTorchFile.contents(bytes, path: path, limits: limits))
        case .safetensors:
            return (.safetensors, try SafetensorsFile.contents(bytes, path: path, limits: limits))
        case .unread(.json):
            throw .unsupportedFormat(path: path, recognized: .json(file, limits: limits))
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
        if NumPyArchive.isOne(archive) {
            return (.npz, try NumPyArchive.contents(of: archive, limits: limits) { _ in true })
        }
        let isKeras = archive.entries.contains { $0.name == "model.weights.h5" }
        throw .unsupportedFormat(
            path: archive.path, recognized: isKeras ? .keras : .otherArchive)
    }
}
