internal import CLinux

/// Bounds on the freed memory that the C library keeps.
enum HeapMemory {
    /// Arenas beside one for each processor: for the threads that Dispatch adds and lets go.
    private static let spareArenas = 2
    /// Bytes from which an allocation is a mapping of its own, and gone when it is freed.
    private static let mappedBytes: Int32 = 256 * 1024
    /// Free bytes at the end of the heap from which they go back to the system.
    private static let idleBytes: Int32 = 1024 * 1024

    /// Keeps the heap from growing in a long life. To be called before threads are started.
    ///
    /// All threads share a few arenas, each of which keeps about a megabyte that is free: glibc
    /// allows eight for each processor, so every thread that comes late would bring another one.
    /// And large bodies, answers and weights stay out of them: glibc maps only from the size of the
    /// largest that was ever freed, up to 32 MiB, and what lies between small ones that live longer
    /// leaves holes.
    static func bound(processorCount: Int) {
        _ = mallopt(M_ARENA_MAX, Int32(clamping: processorCount + spareArenas))
        _ = mallopt(M_MMAP_THRESHOLD, mappedBytes)
        _ = mallopt(M_TRIM_THRESHOLD, idleBytes)
    }

    /// Returns whole free pages to the system, from between what is in use as well. Takes each
    /// arena's lock in turn, for about a millisecond in all with tens of megabytes.
    static func returnFreePages() { _ = malloc_trim(0) }
}
