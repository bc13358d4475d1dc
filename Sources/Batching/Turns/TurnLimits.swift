/// Bounds of a `TurnQueue`, of its batches and of its turns. Times are nanoseconds.
package struct TurnLimits: Sendable, Equatable {
    /// Rows that may wait of one client; its next entry is refused. Other clients' rows count for
    /// nothing.
    package let maxClientRows: Int
    /// Rows that run together. An entry with more rows is a batch of its own.
    package let maxBatchRows: Int
    /// Time that an entry may be delayed so that others join it; 0 runs it at once.
    package let maxBatchDelay: UInt64
    /// Time that a client may compute before others have their turns, where they are few.
    package let quantum: UInt64
    /// Batches in progress, suspended ones included; the last one is kept for short entries.
    package let maxRuns: Int
    /// Bytes of what batches in progress hold. A quarter is kept for short entries; one batch may
    /// run whatever it holds.
    package let maxRunBytes: Int

    /// A quantum of work that goes through its bytes once, and so loses little when it is stopped.
    package static let briefQuantum: UInt64 = 2_000_000

    /// Time that a round of turns may take before turns get shorter, down to a quarter.
    package static let roundTime: UInt64 = 60_000_000

    /// The least time of a slice behind which a client waits that goes first: less would be lost in
    /// cold caches.
    package var shortestSlice: UInt64 { max(1, quantum / 4) }

    /// Nanoseconds of a turn among so many clients.
    func quantum(clientCount: UInt64) -> UInt64 {
        let fair = Self.roundTime / max(1, clientCount)
        return max(1, min(quantum, max(quantum / 4, fair)))
    }

    /// Raises limits that would let nothing run to those that let something run.
    package init(
        maxClientRows: Int, maxBatchRows: Int, maxBatchDelay: UInt64 = 0,
        quantum: UInt64 = 8_000_000, maxRuns: Int = 64, maxRunBytes: Int = .max
    ) {
        self.maxClientRows = max(1, maxClientRows)
        self.maxBatchRows = max(1, maxBatchRows)
        self.maxBatchDelay = maxBatchDelay
        self.quantum = max(1, quantum)
        self.maxRuns = max(2, maxRuns)
        self.maxRunBytes = max(1, maxRunBytes)
    }
}
