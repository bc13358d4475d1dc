internal import Glibc

/// The file that a path leads to, whatever the path is called: links are followed.
package struct FileIdentity: Equatable, Sendable {
    private let device: UInt
    private let number: UInt
    /// False for a folder, a device or a pipe.
    package let isRegular: Bool

    /// Nil where the path leads to nothing, or to what cannot be looked at. One system call.
    package init?(path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        device = UInt(status.st_dev)
        number = UInt(status.st_ino)
        isRegular = status.st_mode & S_IFMT == S_IFREG
    }

    package static func == (left: FileIdentity, right: FileIdentity) -> Bool {
        (left.device, left.number) == (right.device, right.number)
    }
}

extension Checkpoint {
    /// Whether the checkpoint is read from `file`: its own, the index of shards, or one of them.
    package func isRead(from file: FileIdentity) -> Bool {
        files.contains { FileIdentity(path: $0.path) == file }
    }

    /// The number of files, above 1, that the name of the one at `path` says it is one of; nil
    /// where it says no such thing. A file so called is read by the index beside it only.
    package static func shardCount(ofName path: String) -> Int? {
        ShardName(path: path).flatMap { $0.count > 1 ? $0.count : nil }
    }
}
