/// An entry's size, as its admission states it.
package struct EntrySize: Sendable, Equatable {
    /// At least 1.
    package let rows: Int
    /// Expected nanoseconds of computing it alone; nil where nothing like it has run yet.
    package let expected: UInt64?
    /// Bytes that its computation holds while it is suspended.
    package let bytes: Int

    package init(rows: Int, expected: UInt64?, bytes: Int = 0) {
        self.rows = rows
        self.expected = expected
        self.bytes = bytes
    }
}

/// The name of a batch in progress. A queue never uses one again.
package struct RunID: Sendable, Hashable {
    let sequence: UInt64
    let slot: Int
}

/// The next step for the owner of an `EntryQueue`. Times are nanoseconds.
package enum TurnAction<Entry: Sendable>: Sendable {
    /// Answer these entries as expired, then ask again.
    case expired([Entry])
    /// Run the batch for at most `slice`, report it with `endSlice`, then ask again.
    case start(RunID, Batch<Entry>, slice: UInt64)
    /// The same for a batch that was suspended.
    case resume(RunID, slice: UInt64)
    /// Nothing to do before this time, unless an entry is admitted.
    case wait(until: UInt64)
    /// A slice is under way; ask again once it has ended.
    case busy
    /// Nothing waits.
    case idle
}
