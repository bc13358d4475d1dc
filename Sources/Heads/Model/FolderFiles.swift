internal import FoundationEssentials

/// The files that stand where one is missing, for the message about it.
enum FolderFiles {
    private static let maxNames = 8

    /// The refusal of a file that `model.json` names under `key` and that is not there.
    static func missing(_ path: String, key: ModelManifest.CodingKeys) -> ModelError {
        let others = names(beside: path)
        return .file(
            path: path,
            reason: "there is no such file, which model.json names as '\(key.rawValue)'; "
                + (others.isEmpty ? "copy it there" : "beside it there is \(list(others))"))
    }

    /// Names in the folder of `path`, those most like it first; without a model's other files and
    /// hidden ones.
    private static func names(beside path: String) -> [String] {
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        let folder = String(path[..<slash])
        let known: Set<String> = [
            "model.json", GoldenOutputs.fileName, CalibrationFile.name,
        ]
        let all = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let names = all.filter { !$0.hasPrefix(".") && !known.contains($0) }.sorted()
        let near = NearNames(of: String(path[path.index(after: slash)...]), among: names).names
        return near + names.filter { !near.contains($0) }
    }

    /// The first few of some names, and how many more there are.
    private static func list(_ names: [String]) -> String {
        let more = names.count - maxNames
        return names.prefix(maxNames).joined(separator: ", ")
            + (more > 0 ? " and \(more) more" : "")
    }
}
