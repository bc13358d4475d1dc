import Testing

@testable import Sockets

@Suite struct ConnectionSeatsTests {
    private let peer = PeerNetwork(address: [10, 0, 0, 1])

    @Test func `connections go to the loop that has the fewest`() throws {
        var seats = ConnectionSeats(loopCount: 3)
        let taken = (0..<7).compactMap { _ in seats.take(for: peer, limit: 100) }
        try #require(taken.map(\.loop) == [0, 1, 2, 0, 1, 2, 0])
        seats.release(taken[1])
        seats.release(taken[4])
        #expect(seats.count == 5)
        let next = (0..<4).compactMap { _ in seats.take(for: peer, limit: 100)?.loop }
        #expect(next == [1, 1, 1, 2])
    }

    @Test(arguments: [1, 2, 5])
    func `a peer's limit is that of all loops together`(limit: Int) throws {
        var seats = ConnectionSeats(loopCount: 2)
        let taken = (0..<limit).compactMap { _ in seats.take(for: peer, limit: limit) }
        try #require(taken.count == limit)
        let oneTooMany = seats.take(for: peer, limit: limit)
        #expect(oneTooMany == nil)
        let ofAnother = seats.take(for: PeerNetwork(address: [10, 0, 0, 2]), limit: limit)
        #expect(ofAnother != nil)
        #expect(seats.count == limit + 1)
        seats.release(taken[0])
        let again = (0..<2).map { _ in seats.take(for: peer, limit: limit) != nil }
        #expect(again == [true, false])
    }
}
