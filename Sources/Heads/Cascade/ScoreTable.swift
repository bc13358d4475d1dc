internal import Checkpoints
internal import LogitKernels

/// A row-major n×h table of label or group embeddings, scored against hidden vectors.
///
/// Rows stay in the checkpoint's mapping: only those that are scored are touched, so a table may
/// be far larger than the memory.
struct ScoreTable: Sendable, ScoreRows {
    let rowCount: Int
    let width: Int
    private let source: Source
    /// The factor of each row's score, for rows stored in int8.
    let rowScales: [Float]?

    private enum Source: Sendable {
        case file(TensorRows)
        case memory([Float])
    }

    /// Elements that are converted at a time where those of the file are not Floats.
    private static let convertedElementCount = 1 << 16

    /// The first `rowCount` rows of a table that was checked.
    init(_ rows: TensorRows, rowCount: Int, scales: [Float]?) {
        precondition(rowCount <= rows.rowCount, "more rows than the table has")
        self.rowCount = rowCount
        width = rows.width
        source = .file(rows)
        rowScales = scales
    }

    /// n·h floats.
    init(values: [Float], width: Int) {
        self.width = width
        rowCount = values.count / width
        source = .memory(values)
        rowScales = nil
    }

    var maxRows: Int {
        switch source {
        case .file(let table) where !table.areStoredFloats:
            max(1, Self.convertedElementCount / max(width, 1))
        default: max(1, rowCount)
        }
    }

    func withRows(_ rows: Range<Int>, _ body: (Span<Float>) -> Void) {
        switch source {
        case .memory(let values):
            body(values.span.extracting(rows.lowerBound * width..<rows.upperBound * width))
        case .file(let table): table.withRows(rows, body)
        }
    }

    /// Whether scores may come from bytes that the file has lost. To be asked after they were
    /// computed; one system call.
    var hasLostBytes: Bool {
        if case .file(let table) = source { table.hasLostBytes } else { false }
    }

    /// embed[row]·hidden for the rows of a range.
    func scores(_ rows: Range<Int>, _ hidden: [Float], _ kernel: LogitKernel) -> [Float] {
        var scores = [Float](repeating: 0, count: rows.count)
        var span = scores.mutableSpan
        kernel.gatheredScores(
            of: self, [ScoreRun(rows: rows, entries: 0..<1)], entries: [0], vectors: hidden,
            stride: max(rows.count, 1), into: &span)
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

    /// The most codes below a code of the level above, at least 1.
    var stride: Int { max(1, min(size, embedding.rowCount)) }

    /// The codes below a code of the level above: a run of `size`, cut short where the table ends.
    func candidates(of prefix: Int) -> Range<Int> {
        let first = min(prefix * size, embedding.rowCount)
        return first..<first + min(size, embedding.rowCount - first)
    }
}
