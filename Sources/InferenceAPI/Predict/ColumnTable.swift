internal import CColumns

/// The positions of a row's columns in ascending order, by a slot for each column that there may be
/// between the least and the largest one: nothing is compared, and no step waits for another.
struct ColumnTable {
    /// Slots for a column at most: more take longer to be looked at than other ways take.
    static let slotsAColumn = 32
    /// Slots at most: 256 KiB, which a processor has near.
    static let maxSlots = 1 << 17

    private var slots: [UInt16] = []
    private var order: [UInt16] = []
    /// Columns of the row whose order was found last.
    private var count = 0

    /// Whether this is the way to order so many columns.
    static func suits(_ shape: ColumnShape, count: Int) -> Bool {
        count <= Int(COL_MAX_COUNT) && shape.rangeCount <= min(slotsAColumn * count, maxSlots)
    }

    /// Finds the order of a row that this suits. The result is the position of the largest column;
    /// nil if one comes twice.
    mutating func find(_ columns: Span<UInt32>, _ shape: ColumnShape) -> Int? {
        let block = Int(COL_BLOCK)
        count = columns.count
        slots.grow(to: (shape.rangeCount + block - 1) / block * block, filler: 0)
        order.grow(to: columns.count + block, filler: 0)
        let found = unsafe columns.withUnsafeBufferPointer { columns in
            unsafe slots.withUnsafeMutableBufferPointer { slots in
                unsafe order.withUnsafeMutableBufferPointer { order in
                    guard let first = columns.baseAddress, let slots = slots.baseAddress,
                        let order = order.baseAddress
                    else { return 0 }
                    return unsafe col_order(
                        first, columns.count, shape.least, shape.rangeCount, slots, order)
                }
            }
        }
        return found == columns.count ? Int(order[found - 1]) : nil
    }

    /// Brings columns and values from `start` on into the order that was found; copies of them are
    /// made in `copies`.
    func apply(
        _ columns: inout [UInt32], _ values: inout [Float], from start: Int,
        by copies: inout (columns: [UInt32], values: [Float])
    ) {
        precondition(columns.count - start == count && values.count - start == count, "a row")
        copies.columns.grow(to: count, filler: 0)
        copies.values.grow(to: count, filler: 0)
        unsafe order.withUnsafeBufferPointer { order in
            unsafe Self.withPointers(&columns, &values) { columns, values in
                unsafe Self.withPointers(&copies.columns, &copies.values) { copies, copiedValues in
                    guard let order = order.baseAddress else { return }
                    unsafe col_arrange(
                        order, count, columns + start, values + start, copies, copiedValues)
                }
            }
        }
    }

    /// Not called for empty arrays.
    private static func withPointers(
        _ columns: inout [UInt32], _ values: inout [Float],
        _ body: (UnsafeMutablePointer<UInt32>, UnsafeMutablePointer<Float>) -> Void
    ) {
        unsafe columns.withUnsafeMutableBufferPointer { columns in
            unsafe values.withUnsafeMutableBufferPointer { values in
                guard let columns = columns.baseAddress, let values = values.baseAddress else {
                    return
                }
                unsafe body(columns, values)
            }
        }
    }
}
