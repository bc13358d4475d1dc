import Testing

@testable import Service

@Suite struct RowBlockTests {
    @Test(arguments: [
        (0, []), (1, [0..<1]), (3, [0..<3]), (4, [0..<4]), (5, [0..<4, 4..<5]),
        (8, [0..<4, 4..<8]), (9, [0..<4, 4..<8, 8..<9]),
    ])
    func `blocks have at most the limit`(_ count: Int, _ blocks: [Range<Int>]) {
        #expect(RowBlocks.map(count, atMost: 4) { [$0] } == blocks)
        #expect(RowBlocks.map(count, atMost: 4) { Array($0) } == Array(0..<count))
    }
}
