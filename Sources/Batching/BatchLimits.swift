/// Bounds of a queue and of its batches.
@usableFromInline package struct BatchLimits: Sendable, Equatable {
    /// Rows that may wait, over all keys; an entry beyond that is refused.
    @usableFromInline package let maxQueueRows: Int
    /// Rows that run together. An entry with more rows is never split: it is a batch of its own.
    @usableFromInline package let maxBatchRows: Int
    /// Nanoseconds that an entry may be delayed so that others join it; 0 runs it at once.
    @usableFromInline package let maxBatchDelay: UInt64

    /// Raises row limits below 1 to 1: a queue that could never admit or run anything would be a
    /// deadlock, not a setting.
    @inlinable package init(
        maxQueueRows: Int, maxBatchRows: Int, maxBatchDelay: UInt64 = 0
    ) {
        self.maxQueueRows = max(1, maxQueueRows)
        self.maxBatchRows = max(1, maxBatchRows)
        self.maxBatchDelay = maxBatchDelay
    }

    /// Rows up to which a client with waiting entries may add more.
    @inlinable package var sharedQueueRows: Int { maxQueueRows - maxQueueRows / 4 }
}
