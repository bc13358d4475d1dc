internal import Checkpoints

/// The place of a converted model: a new file, or one that the user wants replaced. What the model
/// itself consists of is never replaced, for it could not be made again.
struct ConversionTarget {
    let path: String
    /// Whether a file that stands at `path` may go.
    let overwrites: Bool

    /// Endings of files that are something other than safetensors, so that a file of that name
    /// would be taken for what it is not, also by its owner.
    private static let otherEndings: Set<String> = [
        "npz", "npy", "pt", "pth", "bin", "ckpt", "t7", "pkl", "pickle", "joblib", "h5",
        "hdf5", "keras", "onnx", "msgpack", "gguf", "json", "yaml", "yml", "txt", "csv", "zip",
        "tar", "gz",
    ]

    /// Refuses a target whose name or place would mislead or destroy.
    ///
    /// - Parameter model: the model that is to be converted, and its checkpoint.
    func check(_ model: ModelSource, _ checkpoint: Checkpoint) throws(ModelError) {
        let file = FileIdentity(path: path)
        if let file {
            guard file.isRegular else { throw .cannotWrite(.notRegularFile(path: path)) }
            let isOwn =
                checkpoint.isRead(from: file)
                || model.ownPaths.contains { FileIdentity(path: $0) == file }
            if isOwn {
                throw refusal("is a file of the model that is converted; choose another name")
            }
        }
        if let ending, Self.otherEndings.contains(ending) {
            throw refusal("convert writes safetensors, not .\(ending); name a .safetensors file")
        }
        if let count = Checkpoint.shardCount(ofName: path) {
            throw refusal(
                "is named as one of \(count) files, which are served together only; choose another "
                    + "name")
        }
        guard file == nil || overwrites else {
            throw refusal("exists already; choose another name, or replace it with --overwrite")
        }
    }

    private func refusal(_ reason: String) -> ModelError {
        .file(path: path, reason: reason)
    }

    /// The part behind the last dot of the last part of the path, in lower case; nil where there
    /// is none, or nothing before it.
    private var ending: String? {
        let name = path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...]
        guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return nil }
        return name[name.index(after: dot)...].lowercased()
    }
}

extension ModelSource {
    /// The files of the folder beside the checkpoint, whether they are there or not.
    fileprivate var ownPaths: [String] {
        guard !folder.isEmpty else { return [] }
        return ["model.json", GoldenOutputs.fileName, CalibrationFile.name]
            .map { folder + "/" + $0 } + (labelsPath.map { [$0] } ?? [])
    }
}
