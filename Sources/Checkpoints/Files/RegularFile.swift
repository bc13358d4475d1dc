internal import Digests

/// Small files beside a checkpoint.
package enum RegularFile {
    /// SHA-256 of `bytes`, those of the file at `path`, in lower-case hexadecimal.
    package static func digest(
        of bytes: [UInt8], path: String
    ) throws(CheckpointError) -> String {
        do throws(DigestError) {
            return try SHA256.digest(of: bytes).hexadecimal
        } catch {
            throw .digest(path: path, error: error)
        }
    }

    /// Puts a file of `bytes` at `path`, in one step where a regular file stands there; anything
    /// else is refused.
    package static func replace(
        _ path: String, with bytes: [UInt8]
    ) throws(SafetensorsWriteError) {
        var file = try PartialFile(for: path, replaces: true)
        try file.append(bytes.span)
        try file.commit()
    }

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
