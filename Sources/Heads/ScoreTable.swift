internal import Checkpoints
internal import LogitKernels

/// A row-major n×h table of label or group embeddings, scored against one hidden vector.
///
/// Rows stay in the checkpoint's mapping: only those that are scored are touched, so a table may
/// be far larger than the memory.
struct ScoreTable: Sendable {
    let rowCount: Int
    let width: Int
    private let source: Source
    /// What a row's score is multiplied by, for rows stored in int8.
    private let scales: [Float]?

    private enum Source: Sendable {
        case file(TensorRows)
        case memory([Float])
    }

    /// Rows that are converted at a time where the file's elements are not Floats, in elements.
    private static let convertedElementCount = 1 << 16

    /// The first `rowCount` rows of a table that was checked.
    init(_ rows: TensorRows, rowCount: Int, scales: [Float]?) {
        precondition(rowCount <= rows.rowCount, "more rows than the table has")
        self.rowCount = rowCount
        width = rows.width
        source = .file(rows)
        self.scales = scales
    }

    /// n·h floats.
    init(values: [Float], width: Int) {
        self.width = width
        rowCount = values.count / width
        source = .memory(values)
        scales = nil
    }

    /// embed[row]·hidden for the rows of a range.
    func scores(_ rows: Range<Int>, _ hidden: [Float], _ kernel: LogitKernel) -> [Float] {
        var scores = [Float](repeating: 0, count: rows.count)
        switch source {
        case .memory(let values):
            var span = scores.mutableSpan
            kernel.rowScores(values.span, width: width, rows: rows, hidden.span, into: &span)
        case .file(let table):
            fill(&scores, rows, of: table, hidden, kernel)
        }
        if let scales {
            for (index, row) in rows.enumerated() { scores[index] *= scales[row] }
        }
        return scores
    }

    private func fill(
        _ scores: inout [Float], _ rows: Range<Int>, of table: TensorRows, _ hidden: [Float],
        _ kernel: LogitKernel
    ) {
        let blockSize =
            table.areStoredFloats
            ? max(rows.count, 1) : max(1, Self.convertedElementCount / max(width, 1))
        for first in stride(from: rows.lowerBound, to: rows.upperBound, by: blockSize) {
            let block = first..<min(first + blockSize, rows.upperBound)
            let blockScores = table.withRows(block) { values in
                var blockScores = [Float](repeating: 0, count: block.count)
                var span = blockScores.mutableSpan
                kernel.rowScores(
                    values, width: width, rows: 0..<block.count, hidden.span, into: &span)
                return blockScores
            }
            let place = first - rows.lowerBound
            scores.replaceSubrange(place..<place + block.count, with: blockScores)
        }
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
