/// The bytes of a file, and the path that names it in errors.
struct CheckpointFile: Sendable {
    let path: String
    let bytes: ByteView

    init(path: String, bytes: ByteView) {
        self.path = path
        self.bytes = bytes
    }

    /// Maps the file at `path`.
    init(mapping path: String) throws(CheckpointError) {
        self.init(path: path, bytes: ByteView(try MappedFile(path: path)))
    }

    /// The last part of the path.
    var name: Substring { path[folder.endIndex...] }

    /// The folder, with its slash; empty where the path names none.
    var folder: Substring { path.lastIndex(of: "/").map { path[...$0] } ?? path.prefix(0) }
}
