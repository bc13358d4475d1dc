import Testing

@testable import Sockets

@Suite struct ConnectionSeatsTests {
    private let peer = PeerNetwork(address: [10, 0, 0, 1])

    @Test func `connections go to the loop that has the fewest`() throws {
        var seats = ConnectionSeats(loopCount: 3)
        let taken = try (0..<7).map { _ in try #require(seats.take(for: peer, limit: 100)) }
        #expect(taken.map(\.loop) == [0, 1, 2, 0, 1, 2, 0])
        seats.release(taken[1])
        seats.release(taken[4])
        #expect(seats.count == 5)
        #expect(seats.take(for: peer, limit: 100)?.loop == 1)
        #expect(seats.take(for: peer, limit: 100)?.loop == 1)
        #expect(seats.take(for: peer, limit: 100)?.loop == 1)
    }

    @Test(arguments: [1, 2, 5])
    func `a peer's limit is that of all loops together`(limit: Int) throws {
        var seats = ConnectionSeats(loopCount: 2)
        let taken = try (0..<limit).map { _ in try #require(seats.take(for: peer, limit: limit)) }
        #expect(seats.take(for: peer, limit: limit) == nil)
        #expect(seats.take(for: PeerNetwork(address: [10, 0, 0, 2]), limit: limit) != nil)
        #expect(seats.count == limit + 1)
        seats.release(taken[0])
        #expect(seats.take(for: peer, limit: limit) != nil)
        #expect(seats.take(for: peer, limit: limit) == nil)
    }
}
