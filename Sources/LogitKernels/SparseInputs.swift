import CLogitKernels

/// Where a sparse row's columns and values lie, and the row of the output it becomes.
package struct SparseRow: Sendable {
    let range: Range<Int>
    let outputRow: Int

    package init(_ range: Range<Int>, outputRow: Int) {
        (self.range, self.outputRow) = (range, outputRow)
    }
}

/// Sparse rows as the kernels read them: of each row the words, in a format of the weights, that
/// are not all zero. At most 8 bytes a value and 40 a row.
package struct SparseInputs: Sendable {
    let format: WeightFormat
    let words: [logit_sparse_word]
    let rows: [logit_sparse_row]
    /// The number of columns the rows have at least.
    let width: Int
    /// One past the last row of the output.
    let outputRowCount: Int

    /// Words of all rows.
    var wordCount: Int { rows.reduce(0) { $0 + $1.word_count } }

    /// Columns ascend within a row; ranges of rows may not overlap. Linear in the values.
    package init(
        columns: Span<UInt32>, values: Span<Float>, rows: [SparseRow], format: WeightFormat
    ) {
        precondition(columns.count == values.count, "a column for each value")
        self.format = format
        var laid: [logit_sparse_row] = []
        laid.reserveCapacity(rows.count)
        // At least one, for the empty array is one object for all threads, and storing even its count
        // would be a race.
        let room = max(1, rows.reduce(0) { $0 + $1.range.count })
        words = unsafe [logit_sparse_word](unsafeUninitializedCapacity: room) { buffer, count in
            for row in rows {
                var place = logit_sparse_row()
                (place.first_word, place.output_row) = (count, row.outputRow)
                unsafe Self.lay(
                    columns.extracting(row.range), values.extracting(row.range), format,
                    buffer.baseAddress.map { unsafe $0 + count }, &place)
                count += place.word_count
                laid.append(place)
            }
        }
        self.rows = laid
        width = rows.reduce(0) { max($0, Self.width(columns.extracting($1.range))) }
        outputRowCount = rows.reduce(0) { max($0, $1.outputRow + 1) }
    }

    /// One past the last column of a row whose columns ascend.
    private static func width(_ columns: Span<UInt32>) -> Int {
        var next = 0
        for index in columns.indices {
            precondition(columns[index] >= next, "columns do not ascend")
            next = Int(columns[index]) + 1
        }
        return next
    }

    private static func lay(
        _ columns: Span<UInt32>, _ values: Span<Float>, _ format: WeightFormat,
        _ words: UnsafeMutablePointer<logit_sparse_word>?, _ row: inout logit_sparse_row
    ) {
        unsafe columns.withUnsafeBufferPointer { columns in
            unsafe values.withUnsafeBufferPointer { values in
                unsafe logit_sparse_words(
                    format.kernelFormat, columns.baseAddress, values.baseAddress, values.count,
                    words, &row)
            }
        }
    }
}

extension PackedWeights {
    /// Words of a whole row for each one of a sparse row, below which `LogitKernel.dense` is taken
    /// to be faster. It reads all words, but in order: alone it is faster from every second or
    /// fourth word on, in a batch of 64, which shares the reading, from every thirtieth.
    private static let wordsPerValue = 16

    /// Whether a row with `count` values costs less by `LogitKernel.sparse`.
    package func favorsSparse(count: Int) -> Bool {
        count <= logit_words(format.kernelFormat, inputCount) / Self.wordsPerValue
    }
}
