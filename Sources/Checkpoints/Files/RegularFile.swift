/// Small files beside a checkpoint.
package enum RegularFile {
    /// All bytes of the file at `path`, of which there may be `byteLimit`. A folder, a pipe or a
    /// device is refused, as it could be read for ever.
    package static func bytes(
        of path: String, atMost byteLimit: Int
    ) throws(CheckpointError) -> [UInt8] {
        let file = try MappedFile(path: path)
        try ReadLimit.fileByteCount.check(
            file.byteCount, atMost: byteLimit, path: path, part: "file")
        let view = ByteView(file)
        let bytes = view.bytes
        try view.checkUnchanged(path: path)
        return bytes
    }
}
