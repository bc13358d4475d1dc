internal import Glibc

/// A whole file, mapped read-only for as long as anything refers to it.
///
/// The file must not shrink meanwhile: the kernel answers a read beyond its end with SIGBUS.
/// Replace a checkpoint by renaming a new file over it.
///
/// Safety: the mapping is never written, and unmapped only when the last reference goes.
@safe
final class MappedFile: @unchecked Sendable {
    let path: String
    let count: Int
    private let base: UnsafeMutableRawPointer?

    init(_ path: String) throws(CheckpointError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .cannotOpen(file: path, errno: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw .cannotOpen(file: path, errno: errno)
        }
        guard status.st_mode & S_IFMT == S_IFREG, let size = Int(exactly: status.st_size) else {
            throw .notRegularFile(file: path)
        }
        self.path = path
        count = size
        guard size > 0 else {
            unsafe base = nil
            return
        }
        let address = unsafe mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard unsafe address != MAP_FAILED else { throw .cannotOpen(file: path, errno: errno) }
        unsafe base = address
    }

    deinit {
        if let base = unsafe base { unsafe munmap(base, count) }
    }

    /// Lends the file's bytes.
    func withBytes<Result, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let buffer = unsafe UnsafeRawBufferPointer(start: base, count: count)
        return try unsafe body(RawSpan(_unsafeBytes: buffer))
    }
}
