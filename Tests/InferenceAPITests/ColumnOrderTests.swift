import Fixtures
import Testing

@testable import InferenceAPI

/// The order of a sparse row's columns, against sorting and searching by comparison.
@Suite struct ColumnOrderTests {
    @Test(
        arguments: [
            [], [7], [0, 1, .max], [1, 1], [2, 1], [5, 0, 5, 0], [0, 5, 0], [3, 2, 2, 1],
            [.max, 0, 1 << 24, 1 << 16, 1 << 8], [0, .max, 1], [.max, .max],
        ] as [[UInt32]])
    func `short rows`(columns: [UInt32]) {
        var order = ColumnOrder()
        check(columns, &order)
    }

    /// All of six columns among six: repeated, in order, and in any other.
    @Test func `every short row`() {
        var order = ColumnOrder()
        for number in 0..<46_656 {
            let columns = (0..<6).map { UInt32(number / [1, 6, 36, 216, 1296, 7776][$0] % 6) }
            let isOrdered = columns == columns.sorted() || columns == columns.sorted(by: >)
            if number % 5 == 0 || isOrdered { check(columns, &order) }
        }
    }

    /// Columns that lie near each other, and far apart.
    @Test(arguments: [10, 255, 256, 257, 65_536, 1 << 24, Int(UInt32.max)])
    func `rows of any width`(width: Int) {
        var random = SeededRandom(seed: UInt64(width))
        var order = ColumnOrder()
        for count in [3, 100, 1000] {
            check(
                (0..<count).map { _ in UInt32(Int.random(in: 0..<width, using: &random)) }, &order)
        }
        let distinct = Set(
            (0..<1000).map { _ in UInt32(Int.random(in: 0..<width, using: &random)) })
        check(Array(distinct), &order)
        check(distinct.sorted(), &order)
        check(distinct.sorted().reversed(), &order)
        check(Array(distinct.prefix(7)), &order)
    }

    /// Around the widest range in which columns have a slot each.
    @Test(arguments: [-1, 0, 1])
    func `ranges of slots`(excess: Int) {
        let count = 20
        var columns = (0..<count).map { UInt32(9 + $0 * 16) }
        columns[5] = UInt32(9 + 32 * count + excess - 1)
        #expect(hasSlots(columns) == (excess <= 0))
        var order = ColumnOrder()
        check(columns, &order)
        columns[11] = columns[3]
        check(columns, &order)
    }

    /// Around the widest range in which any columns have a slot each.
    @Test(arguments: [-1, 0, 1])
    func `the widest range of slots`(excess: Int) {
        var columns = (0..<5000).map { UInt32($0 * 26) }
        columns[7] = UInt32((1 << 17) + excess - 1)
        #expect(hasSlots(columns) == (excess <= 0))
        var order = ColumnOrder()
        check(columns, &order)
    }

    private func hasSlots(_ columns: [UInt32]) -> Bool {
        ColumnShape(columns.span).map { ColumnTable.suits($0, count: columns.count) } ?? false
    }

    /// Around the longest row whose columns have a slot each.
    @Test(arguments: [65_534, 65_535, 65_536])
    func `long rows`(count: Int) {
        var random = SeededRandom(seed: UInt64(count))
        var columns = (0..<UInt32(count)).map { $0 * 2 }.shuffled(using: &random)
        #expect(hasSlots(columns) == (count <= 65_535))
        var values = (0..<count).map(Float.init)
        let pairs = zip(columns, values).sorted { $0.0 < $1.0 }
        var order = ColumnOrder()
        order.find(columns, from: 0)
        #expect(order.largest?.column == UInt32(2 * count - 2))
        #expect(order.largest?.position == columns.firstIndex(of: UInt32(2 * count - 2)))
        #expect(order.firstRepetition == nil)
        var repeated = columns
        order.apply(&columns, &values, from: 0)
        #expect(columns == pairs.map(\.0) && values == pairs.map(\.1))
        repeated[count - 1] = repeated[0]
        order.find(repeated, from: 0)
        #expect(order.firstRepetition == count - 1)
    }

    /// Rows of all kinds one after the other.
    @Test func `row after row`() {
        var random = SeededRandom(seed: 12)
        var order = ColumnOrder()
        for width in [40, 3000, 100, 1 << 20, 41, 64] {
            let distinct = Set(
                (0..<40).map { _ in UInt32(Int.random(in: 0..<width, using: &random)) })
            check(distinct.sorted().shuffled(using: &random), &order)
        }
    }

    /// Around the widest range in which columns have a bit each.
    @Test(arguments: [-1, 0, 1])
    func `ranges of bits`(excess: Int) {
        let count = 20
        let range = (256 + count / 2) * 64 + excess
        var columns = (0..<count).map { UInt32(9 + $0 * 64) }
        columns[5] = UInt32(9 + range - 1)
        var order = ColumnOrder()
        check(columns, &order)
        columns[11] = columns[3]
        check(columns, &order)
    }

    private func check(_ columns: [UInt32], _ order: inout ColumnOrder) {
        // The row begins behind others.
        var found = [9, 9] + columns
        var values = (0..<found.count).map(Float.init)
        order.find(found, from: 2)
        #expect(order.largest?.column == columns.max())
        #expect(order.largest?.position == columns.max().flatMap(columns.firstIndex))
        let repeated = columns.indices.first { columns[..<$0].contains(columns[$0]) }
        #expect(order.firstRepetition == repeated)
        guard repeated == nil else { return }
        order.apply(&found, &values, from: 2)
        let pairs = columns.enumerated().sorted { $0.element < $1.element }
        #expect(found == [9, 9] + pairs.map(\.element))
        #expect(values == [0, 1] + pairs.map { Float($0.offset + 2) })
    }
}
