internal import Glibc

/// A whole regular file, mapped read-only for as long as the object lives.
///
/// The file must not be shortened in place meanwhile: the kernel then answers reads beyond the
/// new end with SIGBUS. Replacing it by rename is safe.
// Safety: the mapping is read-only and private, never handed out mutably, and unmapped only in
// `deinit`, when nobody else holds the object.
@safe final class MappedFile: @unchecked Sendable {
    /// Bytes of the file when it was mapped.
    let byteCount: Int
    private let base: UnsafeRawPointer?

    init(path: String) throws(CheckpointError) {
        let descriptor = try Self.openDescriptor(path)
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw .unreadable(path: path, operation: .status, errno: errno)
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notRegularFile(path: path) }
        byteCount = status.st_size
        unsafe base = try Self.map(descriptor, byteCount: byteCount, path: path)
    }

    deinit {
        if let base = unsafe base {
            unsafe munmap(UnsafeMutableRawPointer(mutating: base), byteCount)
        }
    }

    /// Lets the pages that lie wholly in `range` go: they leave the process's memory and are read
    /// again when they are touched. Advice only; the contents stay the same.
    func letGo(_ range: Range<Int>) {
        guard let base = unsafe base else { return }
        let page = Int(getpagesize())
        let first = range.lowerBound / page * page
        // The mapping's last page belongs to nobody else.
        let end = range.upperBound == byteCount ? byteCount : range.upperBound / page * page
        guard first < end else { return }
        unsafe madvise(
            UnsafeMutableRawPointer(mutating: base + first), end - first, MADV_DONTNEED)
    }

    func withSpan<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let buffer = unsafe UnsafeRawBufferPointer(start: base, count: byteCount)
        return try body(unsafe Span(_unsafeBytes: buffer))
    }

    /// Never blocks: a FIFO opens at once and is refused as no regular file.
    private static func openDescriptor(_ path: String) throws(CheckpointError) -> CInt {
        while true {
            let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
            if descriptor >= 0 { return descriptor }
            guard errno == EINTR else {
                throw .unreadable(path: path, operation: .open, errno: errno)
            }
        }
    }

    /// Nil for an empty file, which cannot be mapped.
    private static func map(
        _ descriptor: CInt, byteCount: Int, path: String
    ) throws(CheckpointError) -> UnsafeRawPointer? {
        guard byteCount > 0 else { return nil }
        let mapping = unsafe mmap(nil, byteCount, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard let mapping = unsafe mapping, unsafe mapping != MAP_FAILED else {
            throw .unreadable(path: path, operation: .map, errno: errno)
        }
        return UnsafeRawPointer(mapping)
    }
}
