/// Defects of a checkpoint in several files: of its index, or of how the files fit it.
package enum ShardDefect: Equatable, Sendable {
    /// The file's name says that it is one of `count`, and there is none of these indices.
    case noIndex(count: Int, expected: [String])
    case emptyIndex
    /// The file is not among those of the index beside it.
    case notInIndex(index: String)
    /// The index names a file that is no plain name.
    case notPlainName(file: String, tensor: String)
    /// A file that the index names is not beside it.
    case missingFile(String)
    case missingTensor(String, file: String)
    /// The file has a tensor that the index puts elsewhere, or nowhere.
    case strayTensor(String, file: String, indexed: String?)
    case formatsDiffer(file: String, CheckpointFormat, other: String, CheckpointFormat)
}

extension ShardDefect: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noIndex(let count, let expected):
            "is one of \(count) files, but there is no \(expected.joined(separator: " or ")) "
                + "that names the others; put the index and all files side by side"
        case .emptyIndex: "its weight_map names no tensors; write the index again"
        case .notInIndex(let index):
            "is not among the files of \(index) beside it; name that index, or rename the file"
        case .notPlainName(let file, let tensor):
            "weight_map: tensor \"\(tensor)\" is in \"\(file)\", which must be the name of a file "
                + "beside the index"
        case .missingFile(let file):
            "names \(file), which is not beside it; copy or download that file too"
        case .missingTensor(let tensor, let file):
            "puts tensor \"\(tensor)\" into \(file), which has none of this name; the files "
                + "belong to different versions"
        case .strayTensor(let tensor, let file, let indexed):
            "\(file) has a tensor \"\(tensor)\", which the index "
                + (indexed.map { "puts into \($0)" } ?? "does not name")
                + "; the files belong to different versions"
        case .formatsDiffer(let file, let format, let other, let otherFormat):
            "\(file) is \(format.rawValue), \(other) is \(otherFormat.rawValue); all files must "
                + "be of one format"
        }
    }
}
