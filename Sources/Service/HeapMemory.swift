internal import CLinux

/// What the C library keeps of the memory that was given back to it.
enum HeapMemory {
    /// Arenas beside one for each processor: for the threads that Dispatch adds and lets go.
    private static let spareArenas = 2

    /// Has all threads together use a few arenas, each of which keeps about a megabyte that is free;
    /// glibc allows eight for each processor, so every thread that comes late would bring another
    /// one. To be called before threads are started.
    static func boundArenas(processorCount: Int) {
        _ = mallopt(M_ARENA_MAX, Int32(clamping: processorCount + spareArenas))
    }

    /// Returns whole free pages to the system, from between what is in use as well. Takes each arena's
    /// lock in turn, for about a millisecond in all with tens of megabytes.
    static func returnFreePages() { _ = malloc_trim(0) }
}
