/// Entries of one key that run together.
package struct Batch<Entry: Sendable>: Sendable {
    package let key: Int
    /// Each client's in order of admission; never empty.
    package let entries: [Entry]
    /// The sum of the entries' rows.
    package let rows: Int
}
