/// The order of a sparse row's columns, in time linear in their number.
struct ColumnOrder {
    /// The largest column and its first position; nil without any.
    let largest: (column: UInt32, position: Int)?
    /// Whether each column is larger than the one before it.
    let isAscending: Bool
    /// The columns in ascending order, equal ones as they came, each in the upper half of 64 bits
    /// with its position in the lower; empty where they ascend already.
    private(set) var entries: [UInt64] = []

    init(_ columns: ArraySlice<UInt32>) {
        var isAscending = true
        var largest: (column: UInt32, position: Int)?
        for (position, column) in columns.enumerated() {
            if let known = largest, column <= known.column {
                isAscending = false
            } else {
                largest = (column, position)
            }
        }
        (self.isAscending, self.largest) = (isAscending, largest)
        guard let largest, !isAscending else { return }
        entries = columns.enumerated().map { UInt64($1) << 32 | UInt64($0) }
        sort(bits: UInt32.bitWidth - largest.column.leadingZeroBitCount)
    }

    static func column(_ entry: UInt64) -> UInt32 { UInt32(entry >> 32) }
    static func position(_ entry: UInt64) -> Int { Int(UInt32(truncatingIfNeeded: entry)) }

    /// The first position whose column stands at an earlier one, too.
    var firstRepetition: Int? {
        zip(entries, entries.dropFirst()).lazy
            .filter { Self.column($0) == Self.column($1) }
            .map { Self.position($1) }.min()
    }

    /// Bits of a digit: a pass over the entries costs what its 256 counters do where they are few.
    private static let digitBits = 8

    /// Sorts by columns of so many bits, digit by digit from the last one. Entries with the same
    /// digit stay as they are, so that the digits before decide.
    private mutating func sort(bits: Int) {
        var sorted = entries
        for shift in stride(from: 32, to: 32 + bits, by: Self.digitBits) {
            var places = [Int](repeating: 0, count: 1 << Self.digitBits)
            for entry in entries { places[Self.digit(entry, shift)] += 1 }
            var sum = 0
            for digit in places.indices {
                (places[digit], sum) = (sum, sum + places[digit])
            }
            for entry in entries {
                let digit = Self.digit(entry, shift)
                sorted[places[digit]] = entry
                places[digit] += 1
            }
            swap(&entries, &sorted)
        }
    }

    private static func digit(_ entry: UInt64, _ shift: Int) -> Int {
        Int(truncatingIfNeeded: entry >> UInt64(shift)) & (1 << digitBits - 1)
    }
}
