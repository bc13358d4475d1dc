internal import Glibc

/// Large pages for arrays that are filled once, from the front on, while a body is read. The kernel
/// gives such memory page by page, which costs more than reading a short number does; large pages
/// cost a fraction of that, and no more memory than the last of them.
enum LargePages {
    /// Bytes of an array from which on they are asked for.
    private static let leastBytes = 4 << 20
    /// Bytes of a large page on most systems. Where they are others, or there are none, the kernel
    /// goes by its own.
    private static let pageBytes = 2 << 20

    /// Asks for them where memory is written to for the first time.
    static func ask(for memory: UnsafeMutableRawPointer, byteCount: Int) {
        let start = UInt(bitPattern: memory)
        let first = (start + UInt(pageBytes) - 1) / UInt(pageBytes) * UInt(pageBytes)
        let end = (start + UInt(byteCount)) / UInt(pageBytes) * UInt(pageBytes)
        guard byteCount >= leastBytes, first < end else { return }
        // It is advice: without it everything is as it was.
        _ = unsafe madvise(memory + Int(first - start), Int(end - first), MADV_HUGEPAGE)
    }
}
