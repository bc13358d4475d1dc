/// A moving average of the run time of a row.
///
/// Each finished batch moves the average an eighth of the way towards its own time per row, so the
/// estimate follows a change of load within about ten batches, and one outlier moves it little.
@usableFromInline struct RunTimeEstimate: Sendable {
    /// The newest batch has the weight `1 / smoothing`.
    @usableFromInline static let smoothing = 8.0

    /// Nil until the first batch has finished: with nothing known, nothing is refused.
    @usableFromInline var nanosecondsPerRow: Double?

    @inlinable init() {}

    @inlinable mutating func record(rows: Int, nanoseconds: UInt64) {
        let sample = Double(nanoseconds) / Double(max(1, rows))
        guard let average = nanosecondsPerRow else {
            nanosecondsPerRow = sample
            return
        }
        nanosecondsPerRow = average + (sample - average) / Self.smoothing
    }

    /// Expected nanoseconds for `rows`, saturating.
    @inlinable func nanoseconds(forRows rows: Int) -> UInt64 {
        guard let nanosecondsPerRow else { return 0 }
        return UInt64(exactly: (nanosecondsPerRow * Double(rows)).rounded(.up)) ?? .max
    }
}
