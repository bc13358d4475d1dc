internal import Glibc

/// The files of a checkpoint that lies in several: an index and the shards that it names, all in
/// one folder.
struct ShardSet {
    let index: CheckpointFile
    let contents: ShardIndex

    /// The set that `file` belongs to, as its index or as one of the shards whose index lies beside
    /// it by the usual name; nil for a checkpoint in one file. Refuses a shard without an index.
    init?(of file: CheckpointFile, limits: ReadLimits) throws(CheckpointError) {
        let format = FormatRecognition(file)
        if format == .unread(.json) {
            guard let contents = try Self.contents(of: file, limits: limits) else { return nil }
            self.init(index: file, contents: contents)
            return
        }
        guard !format.isUnread, let name = ShardName(path: file.path) else { return nil }
        guard let path = name.indexPath else {
            guard name.count > 1 else { return nil }
            let expected = name.indexPaths.map { String($0.dropFirst(name.folder.count)) }
            throw .shards(
                path: file.path, defect: .noIndex(count: name.count, expected: expected))
        }
        let index = try CheckpointFile(mapping: path)
        guard let contents = try ShardIndex(index.bytes, path: path, limits: limits) else {
            throw .unsupportedFormat(path: path, recognized: .json)
        }
        guard contents.files.contains(String(file.name)) else {
            throw .shards(path: file.path, defect: .notInIndex(index: String(index.name)))
        }
        self.init(index: index, contents: contents)
    }

    private init(index: CheckpointFile, contents: ShardIndex) {
        self.index = index
        self.contents = contents
    }

    /// The index in a text that may be any JSON, or none. Its defects are told only where its name
    /// says that it is an index.
    private static func contents(
        of file: CheckpointFile, limits: ReadLimits
    ) throws(CheckpointError) -> ShardIndex? {
        do throws(CheckpointError) {
            return try ShardIndex(file.bytes, path: file.path, limits: limits)
        } catch {
            switch error {
            case .json, .limitExceeded: if !file.name.hasSuffix(".index.json") { return nil }
            default: break
            }
            throw error
        }
    }

    /// Maps the shard called `name`.
    func shard(_ name: String) throws(CheckpointError) -> CheckpointFile {
        do throws(CheckpointError) {
            return try CheckpointFile(mapping: index.folder + name)
        } catch {
            guard case .unreadable(_, .open, ENOENT) = error else { throw error }
            throw .shards(path: index.path, defect: .missingFile(name))
        }
    }
}
