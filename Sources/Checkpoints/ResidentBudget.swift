internal import Synchronization

/// Bounds how much of a mapped table stays in the process's memory: counts what is touched, and
/// says when it is time to let the pages go. They stay in the system's cache, so touching them
/// again costs a fault, not a read.
final class ResidentBudget: Sendable {
    /// Bytes that may be touched between two releases.
    let byteLimit: Int
    private let touchedByteCount = Atomic<Int>(0)

    /// A page fault may map as much as this around the byte that was touched.
    static let granularity = 1 << 21

    init(byteLimit: Int) { self.byteLimit = byteLimit }

    /// Counts the bytes at `range`; true when the limit is reached and counting starts anew.
    func touch(_ range: Range<Int>) -> Bool {
        let first = range.lowerBound / Self.granularity
        let last = (max(range.upperBound, 1) - 1) / Self.granularity
        let byteCount = (max(last, first) - first + 1) * Self.granularity
        let before = touchedByteCount.wrappingAdd(byteCount, ordering: .relaxed).oldValue
        guard before + byteCount >= byteLimit else { return false }
        touchedByteCount.store(0, ordering: .relaxed)
        return true
    }
}
