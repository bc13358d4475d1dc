/// Small files beside a checkpoint.
package enum RegularFile {
    /// All bytes of the file at `path`, at most `maxBytes`. A folder, a pipe or a device is
    /// refused, as it could be read for ever.
    package static func bytes(
        of path: String, atMost maxBytes: Int
    ) throws(CheckpointError) -> [UInt8] {
        let file = try MappedFile(path: path)
        try ReadLimit.fileByteCount.check(
            file.byteCount, atMost: maxBytes, path: path, part: "file")
        let view = ByteView(file)
        let bytes = view.bytes
        try view.checkUnchanged(path: path)
        return bytes
    }
}
