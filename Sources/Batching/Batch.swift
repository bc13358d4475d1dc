/// Entries of one key that run together.
package struct Batch<Key: Hashable & Sendable, Entry: Sendable>: Sendable {
    package let key: Key
    /// Each client's in order of admission; never empty.
    package let entries: [Entry]
    /// The sum of the entries' rows.
    package let rows: Int
}
