/// Entries of one key that run together.
@usableFromInline package struct Batch<Key: Hashable & Sendable, Entry: Sendable>: Sendable {
    @usableFromInline package let key: Key
    /// Each client's in order of admission; never empty.
    @usableFromInline package let entries: [Entry]
    /// The sum of the entries' rows.
    @usableFromInline package let rows: Int

    @inlinable init(key: Key, entries: [Entry], rows: Int) {
        self.key = key
        self.entries = entries
        self.rows = rows
    }
}

/// The next step for the owner of a queue.
@usableFromInline package enum BatchAction<Key: Hashable & Sendable, Entry: Sendable>: Sendable {
    /// Answer these entries as expired, then ask again.
    case expired([Entry])
    /// Run the batch, report it with `finish(now:)`, then ask again.
    case run(Batch<Key, Entry>)
    /// Nothing to do before this time, unless an entry is admitted.
    case wait(until: UInt64)
    /// A batch is running; ask again once it has finished.
    case busy
    /// Nothing waits.
    case idle
}
