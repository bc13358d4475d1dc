internal import CColumns

/// The direction of a row's columns, and the range that they lie in.
struct ColumnShape {
    let least: UInt32
    let largest: UInt32
    /// Whether each column is larger than the one before it.
    let isAscending: Bool
    /// Whether each is smaller.
    let isDescending: Bool

    /// Nil without columns.
    init?(_ columns: Span<UInt32>) {
        guard !columns.isEmpty else { return nil }
        let found = unsafe columns.withUnsafeBufferPointer { columns in
            unsafe columns.baseAddress.map { unsafe col_shape_of($0, columns.count) }
        }
        guard let found else { return nil }
        (least, largest) = (found.least, found.largest)
        (isAscending, isDescending) = (found.is_ascending, found.is_descending)
    }

    /// Columns from the least one to the largest.
    var rangeCount: Int { Int(largest - least) + 1 }

    /// The first position of the largest column.
    func positionOfLargest(in columns: Span<UInt32>) -> Int {
        if isAscending { return columns.count - 1 }
        return isDescending ? 0 : columns.indices.first { columns[$0] == largest } ?? 0
    }
}
