internal import CFileMapping
internal import Glibc

/// A whole regular file, mapped read-only for as long as the object lives.
///
/// Replacing the file by rename is safe. Where it is changed in place, or the disk fails, bytes may
/// be the old ones, the new ones or zeros; readers ask afterwards whether that happened.
// Safety: the mapping is read-only and private, never handed out mutably, and unmapped only in
// `deinit`, when nobody else holds the object.
@safe final class MappedFile: @unchecked Sendable {
    /// Bytes of the file when it was mapped.
    let byteCount: Int
    private let descriptor: CInt
    private let modification: timespec
    /// Nil for an empty file, which cannot be mapped.
    private let mapping: Mapping?

    @unsafe private struct Mapping {
        let base: UnsafeRawPointer
        let guardian: OpaquePointer
    }

    init(path: String) throws(CheckpointError) {
        let descriptor = try Self.openDescriptor(path)
        do throws(CheckpointError) {
            var status = stat()
            guard unsafe fstat(descriptor, &status) == 0 else {
                throw .unreadable(path: path, operation: .status, errno: errno)
            }
            let kind = status.st_mode & S_IFMT
            guard kind != S_IFDIR else {
                throw .folder(path: path, recognized: RecognizedFolder(path: path))
            }
            guard kind == S_IFREG else { throw .notRegularFile(path: path) }
            byteCount = status.st_size
            modification = status.st_mtim
            unsafe mapping = try Self.map(descriptor, byteCount: byteCount, path: path)
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
    }

    deinit {
        if let mapping = unsafe mapping {
            unsafe file_guard_end(mapping.guardian)
            unsafe munmap(UnsafeMutableRawPointer(mutating: mapping.base), byteCount)
        }
        close(descriptor)
    }

    /// Whether bytes read since the file was mapped may not have been the file's: it is shorter
    /// than it was, or the disk could not read it. One system call.
    var hasLostBytes: Bool {
        if let mapping = unsafe mapping, unsafe file_guard_lost_bytes(mapping.guardian) {
            return true
        }
        guard let size = status?.st_size else { return true }
        return size < byteCount
    }

    /// Whether it has lost bytes, or was written to, as far as its modification time shows.
    var hasChanged: Bool {
        let now = status?.st_mtim
        return hasLostBytes || now?.tv_sec != modification.tv_sec
            || now?.tv_nsec != modification.tv_nsec
    }

    private var status: stat? {
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0 ? status : nil
    }

    /// Lets the pages that lie wholly in `range` go: they leave the process's memory and are read
    /// again when they are touched. Advice only; the contents stay the same.
    func letGo(_ range: Range<Int>) {
        guard let base = unsafe mapping?.base else { return }
        let page = Int(getpagesize())
        let first = range.lowerBound / page * page
        // Nothing else lies in the mapping's last page.
        let end = range.upperBound == byteCount ? byteCount : range.upperBound / page * page
        guard first < end else { return }
        unsafe madvise(
            UnsafeMutableRawPointer(mutating: base + first), end - first, MADV_DONTNEED)
    }

    func withSpan<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let buffer = unsafe UnsafeRawBufferPointer(start: mapping?.base, count: byteCount)
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

    private static func map(
        _ descriptor: CInt, byteCount: Int, path: String
    ) throws(CheckpointError) -> Mapping? {
        guard byteCount > 0 else { return nil }
        let base = unsafe mmap(nil, byteCount, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard let base = unsafe base, unsafe base != MAP_FAILED else {
            throw .unreadable(path: path, operation: .map, errno: errno)
        }
        guard let guardian = unsafe file_guard_begin(base, byteCount) else {
            unsafe munmap(base, byteCount)
            throw .unreadable(path: path, operation: .map, errno: ENOMEM)
        }
        return unsafe Mapping(base: base, guardian: guardian)
    }
}
