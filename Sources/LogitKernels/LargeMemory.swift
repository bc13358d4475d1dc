import Glibc

/// Memory for arrays that kernels stream through, aligned to cache lines.
///
/// From 4 MiB on it begins at a huge page, and the system is asked for huge pages. A page of 4 KiB
/// holds only 32 of a panel's rows, so that a stream would wait for an address translation every
/// few hundred cycles; and pages at random addresses fill the caches unevenly, which evicts lines
/// early. Without huge pages, dense logits of one row took 1.2 to 1.4 times as long.
enum LargeMemory {
    private static let cacheLine = 64
    private static let hugePage = 2 << 20

    /// Allocates uninitialised memory, which `deallocate` must release. From 4 MiB on, its size is
    /// rounded up to whole huge pages, so that none is shared. Throws if the system
    /// refuses the memory, where Swift's own allocation would end the process.
    static func allocate(
        byteCount: Int
    ) throws(MemoryShortage) -> UnsafeMutableRawBufferPointer {
        guard byteCount >= 2 * hugePage else {
            return unsafe try blocks(of: cacheLine, byteCount: max(byteCount, cacheLine))
        }
        let bytes = unsafe try blocks(of: hugePage, byteCount: byteCount)
        // Only advice: if the system ignores it, small pages serve.
        _ = unsafe madvise(bytes.baseAddress, bytes.count, MADV_HUGEPAGE)
        return unsafe bytes
    }

    /// Allocates memory for a caller that cannot go on without it: a shortage ends the process.
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

/// The error of an allocation of `byteCount` bytes that the system refused.
package struct MemoryShortage: Error, Equatable {
    package let byteCount: Int
}
