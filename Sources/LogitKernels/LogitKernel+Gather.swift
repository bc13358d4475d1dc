import CLogitKernels

/// Rows of a table that some vectors of a batch want scores of.
package struct ScoreRun: Sendable {
    package var rows: Range<Int>
    /// Places in the list that names the vectors.
    package var entries: Range<Int>

    package init(rows: Range<Int>, entries: Range<Int>) {
        self.rows = rows
        self.entries = entries
    }
}

/// Where gathered rows come from.
package protocol ScoreRows: Sendable {
    /// Floats of a row.
    var width: Int { get }
    /// What each row's score is multiplied by; nil for 1.
    var rowScales: [Float]? { get }
    /// Rows that may be asked for at a time, at least 1.
    var maxRows: Int { get }
    /// Calls `body` with the given rows, row-major.
    func withRows(_ rows: Range<Int>, _ body: (Span<Float>) -> Void)
}

extension LogitKernel {
    /// Parts of gathered rows a thread gets, so that a late thread does not hold up the rest.
    private static let runsPerThread = 4

    /// Scores of runs of rows against vectors of a matrix:
    /// output[e·stride + i] = Σ_j row[run.rows.lowerBound + i][j] · vectors[entries[e], j]
    /// for each run, the entries e of the run, and its rows i.
    ///
    /// `vectors` is n×width, `entries` names rows of it; the entries of a run follow each other, no
    /// run has more than `stride` rows, and `output` has `entries.count`·`stride` places, of which
    /// those of no row are left alone. A run is read once for all its vectors; runs, or parts of
    /// them where they are few, go to the threads. A score is what `rowScores` gives.
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

    /// Calls `body` with the vectors that are named, side by side: as they lie where it is one.
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

    /// Rows of a part: a whole run where there are enough of them.
    private func partSize(_ runCount: Int, _ stride: Int, _ rows: some ScoreRows) -> Int {
        let wanted = pool.threadCount * Self.runsPerThread
        let parts = max(1, (wanted + runCount - 1) / max(runCount, 1))
        let size = max(16, (stride + parts - 1) / parts)
        return max(1, min(size, stride, rows.maxRows))
    }
}
