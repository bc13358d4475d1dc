internal import Clocks

/// The time at which a transfer is given up as too slow.
///
/// A transfer begins with a credit of `patience`, and every byte adds the time that it takes at the
/// lowest rate; but the credit never exceeds `patience`. So a peer may stall that long at any
/// point, a slow one is cut off that long after it fell behind, and sending fast does not earn a
/// longer pause.
struct TransferDeadline: Sendable {
    /// The credit in nanoseconds and the lowest rate, both from `HTTPLimits`.
    private let patience: UInt64
    private let bytesPerSecond: UInt64
    private(set) var time: UInt64

    init(start: UInt64, patience: UInt64, bytesPerSecond: UInt64) {
        self.patience = patience
        self.bytesPerSecond = max(1, bytesPerSecond)
        time = start.addingClamped(patience)
    }

    /// Notes that `count` bytes were moved until `now`.
    mutating func moved(_ count: Int, now: UInt64) {
        let (product, overflow) = UInt64(count).multipliedReportingOverflow(by: .second)
        let bought = overflow ? UInt64.max : product / bytesPerSecond
        time = min(time.addingClamped(bought), now.addingClamped(patience))
    }
}
