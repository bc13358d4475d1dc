import Glibc

/// The monotonic clock, in nanoseconds since an arbitrary start. Never goes back.
package enum MonotonicClock {
    package static var now: UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

extension UInt64 {
    /// This time and a span, the last time there is where that would be later.
    func addingClamped(_ span: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(span)
        return overflow ? .max : sum
    }
}
