/// The direction of a row's columns, and the range that they lie in. No branch depends on a column,
/// so that the loops are vectors.
struct ColumnShape {
    let least: UInt32
    let largest: UInt32
    /// Whether each column is larger than the one before it.
    let isAscending: Bool
    /// Whether each is smaller.
    let isDescending: Bool

    /// Nil without columns.
    init?(_ columns: Span<UInt32>) {
        guard let first = columns.isEmpty ? nil : columns[0] else { return nil }
        let last = columns[columns.count - 1]
        isAscending = Self.isOrdered(columns, <)
        isDescending = !isAscending && Self.isOrdered(columns, >)
        if isAscending || isDescending {
            (least, largest) = (min(first, last), max(first, last))
        } else {
            (least, largest) = Self.bounds(columns)
        }
    }

    /// Steps that are looked at before the first wrong one ends the look.
    private static let block = 64

    @inline(__always)
    private static func isOrdered(
        _ columns: Span<UInt32>, _ isRight: (UInt32, UInt32) -> Bool
    ) -> Bool {
        unsafe columns.withUnsafeBufferPointer { columns in
            for start in stride(from: 1, to: columns.count, by: block) {
                var wrong: UInt32 = 0
                for position in start..<min(start &+ block, columns.count) {
                    let (last, next) = unsafe (columns[position &- 1], columns[position])
                    wrong |= isRight(last, next) ? 0 : 1
                }
                if wrong != 0 { return false }
            }
            return true
        }
    }

    private static func bounds(_ columns: Span<UInt32>) -> (UInt32, UInt32) {
        unsafe columns.withUnsafeBufferPointer { columns in
            var (least, largest) = (UInt32.max, UInt32.min)
            for position in 0..<columns.count {
                least = min(least, unsafe columns[position])
                largest = max(largest, unsafe columns[position])
            }
            return (least, largest)
        }
    }

    /// Columns from the least one to the largest.
    var rangeCount: Int { Int(largest - least) + 1 }

    /// The first position of the largest column.
    func positionOfLargest(in columns: Span<UInt32>) -> Int {
        if isAscending { return columns.count - 1 }
        return isDescending ? 0 : columns.indices.first { columns[$0] == largest } ?? 0
    }
}
