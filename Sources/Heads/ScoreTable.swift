internal import LogitKernels

/// A row-major n×h table of label or group embeddings, scored against one hidden vector.
struct ScoreTable: Sendable {
    /// n·h floats.
    let values: [Float]
    let width: Int

    var rowCount: Int { values.count / width }

    /// embed[row]·hidden for the rows of a range.
    func scores(_ rows: Range<Int>, _ hidden: [Float], _ kernel: LogitKernel) -> [Float] {
        var scores = [Float](repeating: 0, count: rows.count)
        var span = scores.mutableSpan
        kernel.rowScores(values.span, width: width, rows: rows, hidden.span, into: &span)
        return scores
    }
}

/// One level of a cascade below the groups: local logits = embed[candidates]·hidden(x).
struct CascadeLevel: Sendable {
    /// D → h.
    let hidden: DenseLayer
    /// One row a code of this level.
    let embedding: ScoreTable
    /// Digits C of this level.
    let size: Int

    /// The codes below a code of the level above: a run of `size`, cut short where the table ends.
    func candidates(of prefix: Int) -> Range<Int> {
        let first = min(prefix * size, embedding.rowCount)
        return first..<min(first + size, embedding.rowCount)
    }
}

/// What one row looks like to a cascade: group logits, and a hidden vector for each level.
struct CascadeHidden {
    let groupLogits: [Float]
    let hidden: [[Float]]
}
