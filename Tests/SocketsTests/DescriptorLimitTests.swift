import Testing

@testable import Sockets

@Suite struct DescriptorLimitTests {
    @Test(arguments: [
        // Room for all, with nothing to spare; one descriptor less.
        (10_150, 10_000), (10_149, 9_999),
        // Half of it is more than what the reserve leaves.
        (301, 151), (300, 150), (299, 149), (100, 50), (1, 1), (0, 1), (Int.max, 10_000),
    ])
    func `connections leave a reserve, or half of few descriptors`(limit: Int, connections: Int) {
        #expect(
            DescriptorLimit.connections(wanted: 10_000, reserve: 150, of: limit) == connections)
    }
}
