import CLogitKernels

/// The range of a sparse row's columns and values among those of all rows, and its output row.
package struct SparseRow: Sendable {
    let range: Range<Int>
    let outputRow: Int

    package init(_ range: Range<Int>, outputRow: Int) {
        (self.range, self.outputRow) = (range, outputRow)
    }
}

/// Sparse rows as the kernels read them: each row's nonzero words in the format of the weights. At
/// most 8 bytes per value and 40 per row.
package struct SparseInputs: Sendable {
    let format: WeightFormat
    let words: [logit_sparse_word]
    let rows: [logit_sparse_row]
    /// One past the largest column of all rows.
    let width: Int
    /// One past the last row of the output.
    let outputRowCount: Int

    /// Words of all rows.
    var wordCount: Int { rows.reduce(0) { $0 + $1.word_count } }

    /// Converts rows. Columns ascend within a row; ranges of rows must not overlap. Takes time
    /// linear in the number of values.
    package init(
        columns: Span<UInt32>, values: Span<Float>, rows: [SparseRow], format: WeightFormat
    ) {
        precondition(columns.count == values.count, "a column for each value")
        self.format = format
        var laid: [logit_sparse_row] = []
        laid.reserveCapacity(rows.count)
        // At least 1: all threads share one empty array, and storing a count in it would be a race.
        let capacity = max(1, rows.reduce(0) { $0 + $1.range.count })
        words = unsafe [logit_sparse_word](unsafeUninitializedCapacity: capacity) { buffer, count in
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
    /// Words of a whole row per value of a sparse row from which `LogitKernel.sparse` is assumed to
    /// be faster. `dense` reads all words, but in order: for a row alone it is faster if every
    /// second or fourth word is present, in a batch of 64, which shares the reading, if every
    /// thirtieth is.
    private static let wordsPerValue = 16

    /// Whether `LogitKernel.sparse` takes less time for a row with `count` values than `dense`.
    package func favorsSparse(count: Int) -> Bool {
        count <= logit_words(format.kernelFormat, inputCount) / Self.wordsPerValue
    }
}
