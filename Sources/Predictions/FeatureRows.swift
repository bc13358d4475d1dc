/// Rows of one width, each dense or sparse. A sparse row takes memory, and the first layer time, by
/// the columns it names; its answer is the dense row's, to the last bit.
///
/// A part of some rows shares their numbers with them, so that a block of many is not a copy.
package struct FeatureRows: Sendable, Equatable {
    /// The place of a row's values.
    package enum Place: Sendable, Equatable {
        /// `width` numbers from this index of `dense` on.
        case dense(Int)
        /// Numbers in this range of `values`.
        case sparse(Range<Int>)
    }

    package let width: Int
    /// The dense rows one after the other.
    package private(set) var dense: [Float] = []
    /// The columns of the sparse rows one after the other, ascending within a row.
    package private(set) var columns: [UInt32] = []
    /// The values in those columns.
    package private(set) var values: [Float] = []
    /// One entry a row.
    package private(set) var places: [Place] = []

    package var count: Int { places.count }

    /// An empty list of rows.
    package init(width: Int) {
        self.width = width
    }

    /// `count` dense rows, row-major.
    package init(dense: [Float], count: Int) {
        width = count == 0 ? 0 : dense.count / count
        self.dense = dense
        places = (0..<count).map { [width] in .dense($0 * width) }
    }

    /// Dense rows from `dense`, and sparse ones whose `columns` (below `width`, ascending within a
    /// row) and `values` lie side by side; `sparseCounts` has one entry a row, nil for a dense one.
    package init(
        width: Int, dense: [Float], columns: [UInt32], values: [Float], sparseCounts: [Int?]
    ) {
        (self.width, self.dense, self.columns, self.values) = (width, dense, columns, values)
        var (nextDense, nextValue) = (0, 0)
        places = sparseCounts.map { count in
            if let count {
                nextValue += count
                return .sparse(nextValue - count..<nextValue)
            }
            nextDense += width
            return .dense(nextDense - width)
        }
        precondition(nextDense == dense.count && nextValue == values.count, "rows")
        precondition(columns.count == values.count, "a column for each value")
    }

    /// Appends rows `rows` of `other`, which has the same width.
    package mutating func append(_ other: FeatureRows, rows: Range<Int>) {
        precondition(other.width == width, "rows of one width")
        for place in other.places[rows] {
            switch place {
            case .dense(let first):
                places.append(.dense(dense.count))
                dense += other.dense[first..<first + width]
            case .sparse(let range):
                places.append(.sparse(values.count..<values.count + range.count))
                columns += other.columns[range]
                values += other.values[range]
            }
        }
    }

    /// Rows `rows` of all sources one after the other; those of a single source are shared.
    package static func joined(_ sources: [FeatureRows], rows: Range<Int>) -> FeatureRows {
        var joined = FeatureRows(width: sources[0].width)
        var first = 0
        for source in sources {
            let wanted = rows.clamped(to: first..<first + source.count)
            let part = wanted.lowerBound - first..<wanted.upperBound - first
            if wanted == rows { return source.part(part) }
            joined.append(source, rows: part)
            first += source.count
        }
        return joined
    }

    /// Rows `rows`, whose numbers are shared.
    package func part(_ rows: Range<Int>) -> FeatureRows {
        var part = self
        if rows != 0..<count { part.places = Array(places[rows]) }
        return part
    }

    /// The range of `dense` that is these rows as a row-major matrix; nil if some of them are
    /// sparse, or do not lie one after the other.
    package var matrixRange: Range<Int>? {
        guard case .dense(let first)? = places.first else { return nil }
        for (index, place) in places.enumerated()
        where place != .dense(first + index * width) { return nil }
        return first..<first + count * width
    }

    /// A row on its own.
    package func only(_ row: Int) -> FeatureRows {
        var rows = FeatureRows(width: width)
        rows.append(self, rows: row..<row + 1)
        return rows
    }

    /// Appends row `row`, zeros and all, to a row-major matrix.
    package func appendDense(_ row: Int, to matrix: inout [Float]) {
        switch places[row] {
        case .dense(let first):
            matrix += dense[first..<first + width]
        case .sparse(let range):
            let start = matrix.count
            matrix += repeatElement(0, count: width)
            for index in range { matrix[start + Int(columns[index])] = values[index] }
        }
    }

    /// Row `index`, zeros and all.
    package func denseRow(_ index: Int) -> [Float] {
        var row: [Float] = []
        appendDense(index, to: &row)
        return row
    }

    /// Calls `body` for each row with the array and the range of it that hold all of the row that
    /// may differ from zero, in the order of the columns. Copies numbers that are shared.
    package mutating func modifyRows(_ body: (inout [Float], Range<Int>) -> Void) {
        var own = FeatureRows(width: width)
        own.append(self, rows: 0..<count)
        self = own
        for place in places {
            switch place {
            case .dense(let first): body(&dense, first..<first + width)
            case .sparse(let range): body(&values, range)
            }
        }
    }
}
