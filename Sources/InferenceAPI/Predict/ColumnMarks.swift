/// The places of a row's columns in ascending order, by a bit for each column that there may be
/// between the least and the largest one.
struct ColumnMarks {
    /// Bits of columns, and the number of columns before them.
    private struct Word {
        var bits: UInt64 = 0
        var rank: UInt32 = 0
    }

    /// Words for a few columns that lie far apart: as many as take no longer than sorting them.
    private static let freeWords = 256

    private var words: [Word] = []

    /// Whether the words take less time and memory than the columns do.
    static func suit(_ shape: ColumnShape, count: Int) -> Bool {
        wordCount(shape) <= freeWords + count / 2
    }

    private static func wordCount(_ shape: ColumnShape) -> Int {
        (shape.rangeCount - 1) / UInt64.bitWidth + 1
    }

    /// Sets the place of each position's column; there is room for them. The result is the first
    /// position whose column stands at an earlier one, too; then no place means anything.
    mutating func rank(
        _ columns: Span<UInt32>, _ shape: ColumnShape, _ places: inout [UInt32]
    ) -> Int? {
        let count = Self.wordCount(shape)
        words.grow(to: count, filler: Word())
        for index in 0..<count { words[index] = Word() }
        let repetition = mark(columns, from: shape.least)
        guard repetition == nil else { return repetition }
        var rank: UInt32 = 0
        for index in 0..<count {
            words[index].rank = rank
            rank &+= UInt32(words[index].bits.nonzeroBitCount)
        }
        unsafe words.withUnsafeBufferPointer { words in
            var places = places.mutableSpan
            for position in columns.indices {
                let column = unsafe columns[unchecked: position] &- shape.least
                let word = unsafe words[Int(column >> 6)]
                let before = word.bits & (UInt64(1) &<< UInt64(column & 63) &- 1)
                let place = word.rank &+ UInt32(truncatingIfNeeded: before.nonzeroBitCount)
                unsafe places[unchecked: position] = place
            }
        }
        return nil
    }

    /// Sets the bits of the columns, up to the first that stands at an earlier position, too.
    private mutating func mark(_ columns: Span<UInt32>, from least: UInt32) -> Int? {
        // All columns lie within the words.
        unsafe words.withUnsafeMutableBufferPointer { words in
            for position in columns.indices {
                let column = unsafe columns[unchecked: position] &- least
                let bit = UInt64(1) &<< UInt64(column & 63)
                let bits = unsafe words[Int(column >> 6)].bits
                if bits & bit != 0 { return position }
                unsafe words[Int(column >> 6)].bits = bits | bit
            }
            return nil
        }
    }
}
