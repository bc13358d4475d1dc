internal import CLinux

/// What the C library keeps of the memory that was given back to it.
enum HeapMemory {
    /// Returns whole free pages to the system, from between what is in use as well. Takes each arena's
    /// lock in turn, for about a millisecond in all with tens of megabytes.
    static func returnFreePages() { _ = malloc_trim(0) }
}
