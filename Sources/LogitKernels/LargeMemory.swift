import Glibc

/// Memory for arrays that kernels stream through, aligned to cache lines.
///
/// From 4 MiB on it begins at a huge page and the system is asked for huge pages: a page of 4 KiB
/// holds 32 of a panel's rows, so that every few hundred cycles a stream would wait for the address
/// of the next, and caches that pages of any place fill unevenly lose lines early. Without huge
/// pages dense logits of one row took 1.2 to 1.4 times as long.
enum LargeMemory {
    private static let cacheLine = 64
    private static let hugePage = 2 << 20

    /// Uninitialised; to be given back by `deallocate()`. Rounded up to whole huge pages where it
    /// has any, so that none is shared.
    static func allocate(byteCount: Int) -> UnsafeMutableRawBufferPointer {
        guard byteCount >= 2 * hugePage else {
            return .allocate(byteCount: max(byteCount, cacheLine), alignment: cacheLine)
        }
        let size = (byteCount + hugePage - 1) / hugePage * hugePage
        let bytes = UnsafeMutableRawBufferPointer.allocate(
            byteCount: size, alignment: hugePage)
        // Advice: where the system does not take it, small pages do.
        _ = unsafe madvise(bytes.baseAddress, size, MADV_HUGEPAGE)
        return unsafe bytes
    }
}
