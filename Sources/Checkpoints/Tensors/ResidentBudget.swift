internal import Synchronization

/// Bounds how much of a mapped table stays in the process's memory: counts the bytes that are
/// touched, and says when it is time to let the pages go. They stay in the system's cache, so
/// touching them again costs a fault, not a read.
///
/// Bytes touched again count once, so that a table whose rows in use fit is never let go.
final class ResidentBudget: Sendable {
    /// Bytes that may be touched between two releases.
    let maxBytes: Int
    private let touched = Mutex(TouchedUnits())

    /// A page fault may map as much as this around the byte that was touched.
    static let granularity = 1 << 21

    init(maxBytes: Int) { self.maxBytes = maxBytes }

    /// Counts the bytes at `range`; true when the limit is reached and counting starts again.
    func touch(_ range: Range<Int>) -> Bool {
        let first = range.lowerBound / Self.granularity
        let last = max(first, (max(range.upperBound, 1) - 1) / Self.granularity)
        return touched.withLock { touched in
            touched.insert(first...last)
            guard touched.count * Self.granularity >= maxBytes else { return false }
            touched.removeAll()
            return true
        }
    }
}

/// A set of small numbers, one bit each.
private struct TouchedUnits {
    private(set) var count = 0
    private var words: [UInt64] = []

    mutating func insert(_ units: ClosedRange<Int>) {
        let missing = units.upperBound / 64 + 1 - words.count
        if missing > 0 { words.append(contentsOf: repeatElement(0, count: missing)) }
        for unit in units {
            let bit: UInt64 = 1 << UInt64(unit % 64)
            if words[unit / 64] & bit == 0 { count += 1 }
            words[unit / 64] |= bit
        }
    }

    mutating func removeAll() {
        count = 0
        for index in words.indices { words[index] = 0 }
    }
}
