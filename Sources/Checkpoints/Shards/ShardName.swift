internal import Glibc

/// The name of a file that is one of several, as Hugging Face writes them:
/// `model-00002-of-00003.safetensors`.
struct ShardName: Equatable {
    /// The folder, with its slash; empty where the path names none.
    let folder: String
    /// `model`; with the name of a variant, `model.fp16`.
    let stem: String
    /// The number of files.
    let count: Int
    /// `.safetensors`
    let suffix: String

    private static let digitCount = 5

    /// Nil where the last part of `path` has not the form `<stem>-NNNNN-of-NNNNN<suffix>`.
    init?(path: String) {
        let start = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        let name = path[start...]
        // The last, for a stem may have one of its own: state-of-the-art-00001-of-00002.
        guard let of = name.ranges(of: "-of-").last else { return nil }
        let count = name[of.upperBound...].prefix { $0 != "." }
        let front = name[..<of.lowerBound]
        guard let dash = front.lastIndex(of: "-"), dash > front.startIndex,
            let number = Self.number(count),
            Self.number(front[front.index(after: dash)...]) != nil
        else { return nil }
        folder = String(path[..<start])
        stem = String(front[..<dash])
        self.count = number
        suffix = String(name[count.endIndex...])
    }

    private static func number(_ text: Substring) -> Int? {
        text.count == digitCount && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
            ? Int(text) : nil
    }

    /// The paths at which an index is looked for: `model.safetensors.index.json`, and for a
    /// variant `model.safetensors.index.fp16.json`.
    var indexPaths: [String] {
        let plain = "\(folder)\(stem)\(suffix).index.json"
        guard let dot = stem.lastIndex(of: ".") else { return [plain] }
        return [plain, "\(folder)\(stem[..<dot])\(suffix).index\(stem[dot...]).json"]
    }

    /// The first of `indexPaths` at which something stands. One or two system calls.
    var indexPath: String? { indexPaths.first { unsafe access($0, F_OK) == 0 } }

    /// Whether `path` ends as the files do that hold a TensorFlow checkpoint's numbers:
    /// `.data-00000-of-00001`.
    static func isTensorFlowData(_ path: String) -> Bool {
        guard let name = ShardName(path: path) else { return false }
        return name.suffix.isEmpty && name.stem.hasSuffix(".data")
    }
}
