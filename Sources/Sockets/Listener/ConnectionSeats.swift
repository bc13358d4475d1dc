/// The place of an open connection: the peer that it counts for and the loop that has it.
struct Seat: Sendable {
    let peer: PeerNetwork
    /// 0 is the listener's own loop.
    let loop: Int
}

/// The open connections of a listener, counted by loop and by peer.
struct ConnectionSeats: Sendable {
    private var peers = PeerCounts()
    private var loads: [Int]
    /// All connections.
    private(set) var count = 0

    init(loopCount: Int) { loads = [Int](repeating: 0, count: loopCount) }

    /// A place on the loop with the fewest connections, the first of several; nil if the peer has
    /// `limit` connections already.
    mutating func take(for peer: PeerNetwork, limit: Int) -> Seat? {
        guard peers.admit(peer, limit: limit) else { return nil }
        let loop = loads.indices.min { loads[$0] < loads[$1] } ?? 0
        loads[loop] += 1
        count += 1
        return Seat(peer: peer, loop: loop)
    }

    /// Frees the place of a closed connection.
    mutating func release(_ seat: Seat) {
        peers.release(seat.peer)
        loads[seat.loop] -= 1
        count -= 1
    }
}
