import Glibc

/// The clock all times of this module are read from, when none is given: `CLOCK_MONOTONIC`, which
/// Dispatch's `uptimeNanoseconds` also counts on Linux.
package enum MonotonicClock {
    /// Nanoseconds since an arbitrary point; never goes back.
    package static func now() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
