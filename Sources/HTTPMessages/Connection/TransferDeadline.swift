internal import Clocks

/// When a transfer is given up as too slow.
///
/// A transfer has `patience` at its start, and every byte buys it the time that the least rate
/// takes for it; but it never has more than `patience` in hand. So a peer may stall that long at
/// any point, one that drips is cut off that long after it fell behind, and bytes sent quickly
/// buy no hour of silence.
struct TransferDeadline: Sendable {
    /// Nanoseconds, and the least rate. Both from `HTTPLimits`.
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
