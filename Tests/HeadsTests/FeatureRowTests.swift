import Predictions
import Testing

/// Parts of rows, and rows put together.
@Suite struct FeatureRowTests {
    /// Rows 0, 2 and 4 dense, 1 and 3 sparse; every number differs.
    private static let mixed = FeatureRows(
        width: 3, dense: [1, 2, 3, 4, 5, 6, 7, 8, 9], columns: [0, 2, 1], values: [10, 11, 12],
        sparseCounts: [nil, 2, nil, 1, nil])
    private static let matrix: [[Float]] = [
        [1, 2, 3], [10, 0, 11], [4, 5, 6], [0, 12, 0], [7, 8, 9],
    ]

    private static func rows(_ rows: FeatureRows) -> [[Float]] {
        (0..<rows.count).map { rows.denseRow($0) }
    }

    @Test func `a part has its rows`() {
        for first in 0...5 {
            for end in first...5 {
                let part = Self.mixed.part(first..<end)
                #expect(Self.rows(part) == Array(Self.matrix[first..<end]))
                let joined = FeatureRows.joined(
                    [Self.mixed, Self.mixed], rows: first + 3..<end + 3)
                #expect(
                    Self.rows(joined) == Array((Self.matrix + Self.matrix)[first + 3..<end + 3]))
            }
        }
    }

    @Test func `a part of a part counts from its own first row`() {
        let part = Self.mixed.part(1..<5).part(1..<3)
        #expect(Self.rows(part) == Array(Self.matrix[2..<4]))
        #expect(Self.rows(part.only(1)) == [Self.matrix[3]])
    }

    @Test func `rows of one source share its numbers`() {
        let source = FeatureRows(dense: (0..<12).map { Float($0) }, count: 4)
        let block = FeatureRows.joined([source, source], rows: 5..<7)
        #expect(block.dense == source.dense && block.matrixRange == 3..<9)
        let across = FeatureRows.joined([source, source], rows: 3..<5)
        #expect(across.dense == [9, 10, 11, 0, 1, 2])
    }

    @Test func `dense rows that lie together are a matrix`() {
        #expect(FeatureRows(dense: [1, 2, 3, 4], count: 2).matrixRange == 0..<4)
        #expect(Self.mixed.matrixRange == nil)
        #expect(Self.mixed.part(2..<3).matrixRange == 3..<6)
        #expect(Self.mixed.part(1..<2).matrixRange == nil)
        #expect(Self.mixed.part(1..<3).matrixRange == nil)
        #expect(FeatureRows(width: 3).matrixRange == nil)
        // The first dense row and the third follow each other in memory, but not as rows.
        #expect(Self.mixed.part(0..<3).matrixRange == nil)
    }

    @Test func `a part is changed alone`() {
        let source = FeatureRows(dense: [1, 2, 3, 4, 5, 6], count: 3)
        var part = source.part(1..<3)
        var changed = 0
        part.modifyRows { values, range in
            changed += 1
            for index in range { values[index] *= 10 }
        }
        #expect(changed == 2 && Self.rows(part) == [[30, 40], [50, 60]])
        #expect(Self.rows(source) == [[1, 2], [3, 4], [5, 6]])
        #expect(part.dense.count == 4, "without what is not its own")
    }
}
