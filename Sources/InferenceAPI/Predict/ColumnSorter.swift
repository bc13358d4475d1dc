/// A row's columns in ascending order, equal ones as they came, sorted digit by digit: for rows
/// whose columns lie far apart.
struct ColumnSorter {
    /// Bits of a digit: a pass over the entries costs what its 256 counters do where they are few.
    private static let digitBits = 8

    /// Each column in the upper half of 64 bits with its position in the lower.
    private var entries: [UInt64]

    init(_ columns: Span<UInt32>, _ shape: ColumnShape) {
        entries = [UInt64](capacity: columns.count) { output in
            for position in columns.indices {
                output.append(UInt64(columns[position]) << 32 | UInt64(position))
            }
        }
        sort(bits: UInt32.bitWidth - shape.largest.leadingZeroBitCount)
    }

    /// Sets the place of each position's column. The result is the first position whose column
    /// stands at an earlier one, too.
    func rank(_ places: inout [UInt32]) -> Int? {
        var places = places.mutableSpan
        var (last, repetition) = (UInt64.max, Int.max)
        for (place, entry) in entries.enumerated() {
            let position = Int(entry & 0xFFFF_FFFF)
            places[position] = UInt32(truncatingIfNeeded: place)
            if entry >> 32 == last { repetition = min(repetition, position) }
            last = entry >> 32
        }
        return repetition == .max ? nil : repetition
    }

    /// Sorts by columns of so many bits, from the last digit on. Entries with the same digit stay
    /// as they are, so that the digits before decide.
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
