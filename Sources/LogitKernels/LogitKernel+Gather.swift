import CLogitKernels

/// Consecutive rows of a table and the vectors of a batch to score them against.
package struct ScoreRun: Sendable {
    package var rows: Range<Int>
    /// Indices into the list of vectors.
    package var entries: Range<Int>

    package init(rows: Range<Int>, entries: Range<Int>) {
        self.rows = rows
        self.entries = entries
    }
}

/// A source of gathered rows.
package protocol ScoreRows: Sendable {
    /// Floats in a row.
    var width: Int { get }
    /// Factors of the rows' scores; nil if all are 1.
    var rowScales: [Float]? { get }
    /// Limit of the rows in one call of `withRows`, at least 1.
    var maxRows: Int { get }
    /// Calls `body` with the given rows, row-major.
    func withRows(_ rows: Range<Int>, _ body: (Span<Float>) -> Void)
}

extension LogitKernel {
    /// Parts of gathered rows per thread, so that one late thread does not delay the call.
    private static let runsPerThread = 4

    /// Writes the scores of runs of rows against vectors of a matrix:
    /// output[e·stride + i] = Σ_j row[run.rows.lowerBound + i][j] · vectors[entries[e], j]
    /// for each run, the entries e of the run, and its rows i.
    ///
    /// `vectors` is n×width and `entries` are indices of its rows. The entries of a run are
    /// consecutive, no run has more than `stride` rows, and `output` is `entries.count`×`stride`;
    /// places without a row stay as they are. A run is read once for all its vectors. Runs, or
    /// parts of runs if there are few, are shared out to the threads. Scores are those of
    /// `rowScores`.
    package func gatheredScores(
        of rows: some ScoreRows, _ runs: [ScoreRun], entries: [Int], vectors: [Float],
        stride: Int, into output: inout MutableSpan<Float>
    ) {
        precondition(output.count >= entries.count * stride, "output has no place for each score")
        let products = runs.reduce(0) { $0 + $1.rows.count * $1.entries.count * rows.width }
        let size = partSize(runs.count, stride, rows)
        let parts = (stride + size - 1) / size
        unsafe output.withUnsafeMutableBufferPointer { output in
            // Parts write disjoint places of `output`, and the pool returns before it expires.
            nonisolated(unsafe) let output = unsafe output
            pool.forEach(runs.count * parts, isSmall: products < Self.parallelProducts) { index in
                let run = runs[index / parts]
                precondition(run.rows.count <= stride, "a run is longer than its place")
                let first = index % parts * size
                let part = first..<min(first + size, max(first, run.rows.count))
                guard !part.isEmpty, !run.entries.isEmpty else { return }
                let places = unsafe UnsafeMutableBufferPointer(
                    rebasing: output[run.entries.lowerBound * stride + first..<output.count])
                let chosen = run.rows.lowerBound + first..<run.rows.lowerBound + part.upperBound
                rows.withRows(chosen) { table in
                    unsafe score(
                        table, chosen, rows, vectors, entries[run.entries], stride, places)
                }
            }
        }
    }

    /// The scores of one part of a run, whose rows are `table`.
    private func score(
        _ table: Span<Float>, _ chosen: Range<Int>, _ rows: some ScoreRows, _ vectors: [Float],
        _ entries: ArraySlice<Int>, _ stride: Int, _ places: UnsafeMutableBufferPointer<Float>
    ) {
        let (width, count) = (rows.width, chosen.count)
        precondition(table.count == count * width, "not the rows that were asked for")
        unsafe withVectors(entries, of: vectors, width: width) { vectors in
            unsafe table.withUnsafeBufferPointer { table in
                unsafe self.table.products.row_scores(
                    table.baseAddress, width, count, vectors.baseAddress, entries.count,
                    places.baseAddress, stride)
            }
        }
        guard let scales = rows.rowScales else { return }
        for entry in 0..<entries.count {
            for row in 0..<count {
                unsafe places[entry * stride + row] *= scales[chosen.lowerBound + row]
            }
        }
    }

    /// Calls `body` with the vectors of `entries` side by side: in place if there is only one.
    private func withVectors(
        _ entries: ArraySlice<Int>, of vectors: [Float], width: Int,
        _ body: (UnsafeBufferPointer<Float>) -> Void
    ) {
        unsafe vectors.withUnsafeBufferPointer { vectors in
            if entries.count == 1 {
                let first = entries[entries.startIndex] * width
                return unsafe body(
                    UnsafeBufferPointer(rebasing: vectors[first..<first + width]))
            }
            let scratch = shelf.take(
                byteCount: entries.count * width * MemoryLayout<Float>.stride)
            defer { shelf.put(scratch) }
            let gathered = unsafe scratch.values(Float.self, at: 0, count: entries.count * width)
            for (place, entry) in entries.enumerated() {
                let vector = unsafe vectors[entry * width..<(entry + 1) * width]
                _ = unsafe gathered[(place * width)...].update(fromContentsOf: vector)
            }
            unsafe body(UnsafeBufferPointer(gathered))
        }
    }

    /// Rows in a part: a whole run if there are enough runs.
    private func partSize(_ runCount: Int, _ stride: Int, _ rows: some ScoreRows) -> Int {
        let wanted = pool.threadCount * Self.runsPerThread
        let parts = max(1, (wanted + runCount - 1) / max(runCount, 1))
        let size = max(16, (stride + parts - 1) / parts)
        return max(1, min(size, stride, rows.maxRows))
    }
}
