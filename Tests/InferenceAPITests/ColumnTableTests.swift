import CColumns
import Fixtures
import Testing

/// The order of columns by a slot for each, against sorting: by what every processor has, by AVX2
/// at most, and by all that this one has.
@Suite struct ColumnTableTests {
    private enum Way: CaseIterable {
        case portable, wide, fastest

        var order:
            (
                UnsafePointer<UInt32>, Int, UInt32, Int, UnsafeMutablePointer<UInt16>,
                UnsafeMutablePointer<UInt16>
            ) -> Int
        {
            switch self {
            case .portable: unsafe col_order_portably
            case .wide: unsafe col_order_widely
            case .fastest: unsafe col_order
            }
        }
    }

    /// The positions that were found, and whether memory behind the room is as it was.
    private func order(_ columns: [UInt32], by way: Way) -> (positions: [UInt16], keeps: Bool) {
        guard let least = columns.min(), let largest = columns.max() else { return ([], true) }
        let (block, filler) = (Int(COL_BLOCK), UInt16(0xABCD))
        let range = Int(largest - least) + 1
        let room = (range + block - 1) / block * block
        var table = [UInt16](repeating: filler, count: room + block)
        var order = [UInt16](repeating: filler, count: columns.count + 2 * block)
        let found = unsafe columns.withUnsafeBufferPointer { columns in
            unsafe table.withUnsafeMutableBufferPointer { table in
                unsafe order.withUnsafeMutableBufferPointer { order in
                    guard let first = columns.baseAddress, let table = table.baseAddress,
                        let order = order.baseAddress
                    else { return 0 }
                    return unsafe way.order(first, columns.count, least, range, table, order)
                }
            }
        }
        let keepsOrder = order.suffix(block).allSatisfy { $0 == filler }
        return (
            Array(order.prefix(found)),
            keepsOrder && table.suffix(block).allSatisfy { $0 == filler }
        )
    }

    private func check(_ columns: [UInt32], _ location: SourceLocation = #_sourceLocation) {
        let last = Dictionary(zip(columns, columns.indices)) { $1 }
        let expected = last.sorted { $0.key < $1.key }.map { UInt16($0.value) }
        for way in Way.allCases {
            let found = order(columns, by: way)
            #expect(found.positions == expected && found.keeps, sourceLocation: location)
        }
    }

    /// Two blocks of slots with few columns, with all, or with all but one.
    @Test func `blocks`() {
        var random = SeededRandom(seed: 5)
        for slot in 0..<128 as Range<UInt32> {
            check([0, slot, 127].shuffled(using: &random))
            check((0..<128).filter { $0 != slot }.shuffled(using: &random))
            check((0...slot).shuffled(using: &random))
        }
        check((7..<7 + 4096).shuffled(using: &random))
    }

    /// Columns of any density, some of them twice.
    @Test(arguments: [1, 2, 3, 16, 32, 100])
    func `densities`(slots: Int) {
        var random = SeededRandom(seed: UInt64(slots))
        for count in [1, 2, 31, 32, 33, 63, 64, 65, 127, 500] {
            let columns = (0..<UInt32(count * slots)).map { $0 + 4_000_000_000 }
                .shuffled(using: &random).prefix(count)
            check(Array(columns))
            check(columns + [columns[0], columns[count / 2]])
        }
    }

    @Test func `as many columns as there may be`() {
        var random = SeededRandom(seed: 6)
        check((0..<UInt32(COL_MAX_COUNT)).shuffled(using: &random))
    }

    /// Rows that go up, down, or only nearly so, in the middle of vectors and at their ends.
    @Test func `shapes`() {
        for count in 1...70 {
            let up = (0..<UInt32(count)).map { $0 * 3 + 2_147_483_600 }
            checkShape(up)
            checkShape(up.reversed())
            for position in 1..<max(1, count) {
                for column in [up[position - 1], .max, 0] {
                    var columns = up
                    columns[position] = column
                    checkShape(columns)
                    checkShape(columns.reversed())
                }
            }
        }
    }

    private func checkShape(_ columns: [UInt32]) {
        let shape = unsafe columns.withUnsafeBufferPointer { columns in
            unsafe columns.baseAddress.map { unsafe col_shape_of($0, columns.count) }
        }
        let steps = zip(columns, columns.dropFirst())
        #expect(shape?.least == columns.min() && shape?.largest == columns.max())
        let isAscending = steps.allSatisfy { $0 < $1 }
        #expect(shape?.is_ascending == isAscending)
        #expect(shape?.is_descending == (!isAscending && steps.allSatisfy { $0 > $1 }))
    }
}
