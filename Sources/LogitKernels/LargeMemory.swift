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

    /// Uninitialised; to be given back by `deallocate`. Rounded up to whole huge pages where it
    /// has any, so that none is shared. Throws where the system does not give so much, which Swift's
    /// own allocation would answer by ending the process.
    static func allocate(
        byteCount: Int
    ) throws(MemoryShortage) -> UnsafeMutableRawBufferPointer {
        guard byteCount >= 2 * hugePage else {
            return unsafe try blocks(of: cacheLine, byteCount: max(byteCount, cacheLine))
        }
        let bytes = unsafe try blocks(of: hugePage, byteCount: byteCount)
        // Advice: where the system does not take it, small pages do.
        _ = unsafe madvise(bytes.baseAddress, bytes.count, MADV_HUGEPAGE)
        return unsafe bytes
    }

    /// The same where nothing can be done without: a shortage ends the process.
    static func allocateOrTrap(byteCount: Int) -> UnsafeMutableRawBufferPointer {
        do throws(MemoryShortage) { return unsafe try allocate(byteCount: byteCount) } catch {
            preconditionFailure("no memory for \(byteCount) bytes")
        }
    }

    static func deallocate(_ bytes: UnsafeMutableRawBufferPointer) {
        unsafe free(bytes.baseAddress)
    }

    private static func blocks(
        of size: Int, byteCount: Int
    ) throws(MemoryShortage) -> UnsafeMutableRawBufferPointer {
        let (padded, overflow) = byteCount.addingReportingOverflow(size - 1)
        guard !overflow else { throw MemoryShortage(byteCount: byteCount) }
        let whole = padded / size * size
        var start: UnsafeMutableRawPointer?
        guard unsafe posix_memalign(&start, size, whole) == 0 else {
            throw MemoryShortage(byteCount: byteCount)
        }
        return unsafe UnsafeMutableRawBufferPointer(start: start, count: whole)
    }
}

/// The system did not give `byteCount` bytes of memory.
package struct MemoryShortage: Error, Equatable {
    package let byteCount: Int
}
