/// How much may wait, how much runs together, and how long company is waited for.
@usableFromInline package struct BatchLimits: Sendable, Equatable {
    /// Rows that may wait, over all keys; an entry that would pass it is refused.
    @usableFromInline package let maximumQueueRows: Int
    /// Rows that run together. An entry with more rows is a batch of its own, never split.
    @usableFromInline package let maximumBatchRows: Int
    /// Nanoseconds an entry may be held back for company; 0 runs what waits at once.
    @usableFromInline package let maximumBatchDelay: UInt64

    /// Row limits below 1 count as 1: a queue that can never admit or run anything would be a
    /// deadlock, not a setting.
    @inlinable package init(
        maximumQueueRows: Int, maximumBatchRows: Int, maximumBatchDelay: UInt64 = 0
    ) {
        self.maximumQueueRows = max(1, maximumQueueRows)
        self.maximumBatchRows = max(1, maximumBatchRows)
        self.maximumBatchDelay = maximumBatchDelay
    }

    /// Rows up to which a client that has entries waiting may add others.
    @inlinable package var sharedQueueRows: Int { maximumQueueRows - maximumQueueRows / 4 }
}
