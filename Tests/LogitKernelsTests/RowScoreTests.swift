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
    func matchesDoubleForEveryWidth(width: Int) {
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

    @Test func aRowsScoreDependsNeitherOnTheRangeNorOnAlignment() {
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
    func severalVectorsScoreAsEachAlone(count: Int, width: Int) {
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

    @Test func anEmptyRangeAndAnEmptyWidthAreAllowed() {
        let (table, vector, nothing) = ([1, 2] as [Float], [3] as [Float], [] as [Float])
        #expect(scores(table.span, width: 1, rows: 1..<1, vector.span).isEmpty)
        #expect(scores(nothing.span, width: 0, rows: 0..<2, nothing.span) == [0, 0])
    }
}
