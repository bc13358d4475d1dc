import Fixtures
import Testing

@testable import InferenceAPI

/// The order of a sparse row's columns, against sorting and searching by comparison.
@Suite struct ColumnOrderTests {
    @Test(
        arguments: [
            [], [7], [0, 1, .max], [1, 1], [2, 1], [5, 0, 5, 0],
            [.max, 0, 1 << 24, 1 << 16, 1 << 8],
        ] as [[UInt32]])
    func `short rows`(columns: [UInt32]) { check(columns) }

    @Test(arguments: [10, 255, 256, 257, 65_536, 1 << 24, Int(UInt32.max)])
    func `rows of any width`(width: Int) {
        var random = SeededRandom(seed: UInt64(width))
        for count in [3, 100, 1000] {
            check((0..<count).map { _ in UInt32(Int.random(in: 0..<width, using: &random)) })
        }
        let distinct = Set(
            (0..<1000).map { _ in UInt32(Int.random(in: 0..<width, using: &random)) })
        check(Array(distinct))
        check(distinct.sorted())
        check(distinct.sorted().reversed())
    }

    private func check(_ columns: [UInt32]) {
        // The slice begins elsewhere than the row.
        let order = ColumnOrder(([9, 9] + columns)[2...])
        let pairs = columns.enumerated().sorted {
            ($0.element, $0.offset) < ($1.element, $1.offset)
        }
        let isAscending = zip(columns, columns.dropFirst()).allSatisfy(<)
        #expect(order.isAscending == isAscending)
        #expect(order.largest?.column == columns.max())
        #expect(order.largest?.position == columns.max().flatMap(columns.firstIndex))
        if isAscending {
            #expect(order.entries.isEmpty)
        } else {
            #expect(order.entries.map(ColumnOrder.column) == pairs.map(\.element))
            #expect(order.entries.map(ColumnOrder.position) == pairs.map(\.offset))
        }
        let repeated = columns.indices.first { columns[..<$0].contains(columns[$0]) }
        #expect(order.firstRepetition == repeated)
    }
}
