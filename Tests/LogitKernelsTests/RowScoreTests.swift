import LogitKernels
import Testing

private func scores(
    _ table: Span<Float>, width: Int, rows: Range<Int>, _ vector: Span<Float>
) -> [Float] {
    var output = [Float](repeating: .nan, count: rows.count)
    var span = output.mutableSpan
    LogitKernel(threads: 2).rowScores(table, width: width, rows: rows, vector, into: &span)
    return output
}

@Suite(.everyInstructionSet) struct RowScoreTests {
    @Test(arguments: 1...70)
    func `matches Double for every width`(width: Int) {
        var source = TestValues(seed: UInt64(width))
        let (table, vector) = (source.floats(9 * width), source.floats(width))
        let output = scores(table.span, width: width, rows: 2..<9, vector.span)
        for (i, score) in output.enumerated() {
            let products = (0..<width).map {
                Double(table[(2 + i) * width + $0]) * Double(vector[$0])
            }
            let size = products.reduce(0) { $0 + abs($1) }
            // A product, the additions of its lane (⌈D/16⌉ at most) and four levels of the tree.
            let bound = gamma(1 + (width + 15) / 16 + 4) * size
            #expect(abs(Double(score) - products.reduce(0, +)) <= bound)
        }
    }

    @Test func `a row's score depends neither on the range nor on alignment`() {
        var source = TestValues(seed: 3)
        let (table, vector) = (source.floats(40 * 37), source.floats(37))
        let all = scores(table.span, width: 37, rows: 0..<40, vector.span)
        for row in 0..<40 {
            let alone = scores(table.span, width: 37, rows: row..<(row + 1), vector.span)
            #expect(alone.bits == [all[row].bitPattern])
        }
        let (shiftedTable, shiftedVector) = ([.nan, .nan, .nan] + table, [.nan] + vector)
        let shifted = scores(
            shiftedTable.span.extracting(droppingFirst: 3), width: 37, rows: 0..<40,
            shiftedVector.span.extracting(droppingFirst: 1))
        #expect(shifted.bits == all.bits)
    }

    /// Counts around a pass of 4 vectors, 400 wide so that the table takes several blocks.
    @Test(arguments: [0, 1, 2, 3, 4, 5, 9], [1, 17, 400])
    func `several vectors score as each alone`(count: Int, width: Int) {
        var source = TestValues(seed: 5)
        let (table, vectors) = (source.floats(50 * width), source.floats(count * width))
        var output = [Float](repeating: .nan, count: count * 45)
        var span = output.mutableSpan
        LogitKernel(threads: 1).rowScores(
            table.span, width: width, rows: 3..<48, vectors.span, vectorCount: count, into: &span)
        for v in 0..<count {
            let vector = vectors.span.extracting((v * width)..<((v + 1) * width))
            let alone = scores(table.span, width: width, rows: 3..<48, vector)
            #expect(alone.bits == Array(output[(v * 45)..<((v + 1) * 45)]).bits)
        }
    }

    @Test func `an empty range and an empty width are allowed`() {
        let (table, vector, nothing) = ([1, 2] as [Float], [3] as [Float], [] as [Float])
        #expect(scores(table.span, width: 1, rows: 1..<1, vector.span).isEmpty)
        #expect(scores(nothing.span, width: 0, rows: 0..<2, nothing.span) == [0, 0])
    }

    /// Runs of every length around a pass, some without rows, some read by several vectors, by one
    /// thread and by several, and with rows that come a few at a time.
    @Test(arguments: [1, 3], [1, 15, 16, 17, 400])
    func `gathered scores are those of each row`(threads: Int, width: Int) {
        var source = TestValues(seed: 7)
        let vectors = source.floats(6 * width)
        let entries = [3, 0, 5, 5, 1, 2, 4, 0, 1, 2, 3, 4, 5]
        let runs = [
            ScoreRun(rows: 4..<5, entries: 0..<1), ScoreRun(rows: 10..<47, entries: 1..<3),
            ScoreRun(rows: 50..<50, entries: 3..<4), ScoreRun(rows: 60..<99, entries: 4..<9),
            ScoreRun(rows: 0..<0, entries: 9..<9), ScoreRun(rows: 98..<100, entries: 9..<13),
        ]
        let stride = 41
        for maxRows in [1, 7, 1000] {
            for scales in [nil, source.floats(100)] {
                let rows = Rows(
                    values: source.floats(100 * width), width: width, rowScales: scales,
                    maxRows: maxRows)
                var output = [Float](repeating: .infinity, count: entries.count * stride)
                var span = output.mutableSpan
                LogitKernel(threads: threads).gatheredScores(
                    of: rows, runs, entries: entries, vectors: vectors, stride: stride, into: &span)
                for run in runs {
                    for entry in run.entries {
                        let first = entries[entry] * width
                        let vector = vectors.span.extracting(first..<first + width)
                        var alone = scores(rows.values.span, width: width, rows: run.rows, vector)
                        for (place, row) in run.rows.enumerated() {
                            alone[place] *= scales?[row] ?? 1
                        }
                        let unused = [Float](repeating: .infinity, count: stride - alone.count)
                        let found = output[entry * stride..<(entry + 1) * stride]
                        #expect(Array(found).bits == (alone + unused).bits)
                    }
                }
            }
        }
    }

    private struct Rows: ScoreRows {
        let values: [Float]
        let width: Int
        let rowScales: [Float]?
        let maxRows: Int

        func withRows(_ rows: Range<Int>, _ body: (Span<Float>) -> Void) {
            #expect(rows.count <= maxRows)
            body(values.span.extracting(rows.lowerBound * width..<rows.upperBound * width))
        }
    }
}
