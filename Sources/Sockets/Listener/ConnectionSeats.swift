/// The place of one open connection: whom it is counted for, and which loop has it.
struct Seat: Sendable {
    let peer: PeerNetwork
    /// 0 is the listener's own loop.
    let loop: Int
}

/// How the open connections of a listener are spread over loops and peers.
struct ConnectionSeats: Sendable {
    private var peers = PeerCounts()
    private var loads: [Int]
    /// Connections in all.
    private(set) var count = 0

    init(loopCount: Int) { loads = [Int](repeating: 0, count: loopCount) }

    /// A place on the loop that has the fewest, the first of several; nil when the peer has `limit`
    /// connections already.
    mutating func take(for peer: PeerNetwork, limit: Int) -> Seat? {
        guard peers.admit(peer, limit: limit) else { return nil }
        let loop = loads.indices.min { loads[$0] < loads[$1] } ?? 0
        loads[loop] += 1
        count += 1
        return Seat(peer: peer, loop: loop)
    }

    /// The connection is closed.
    mutating func release(_ seat: Seat) {
        peers.release(seat.peer)
        loads[seat.loop] -= 1
        count -= 1
    }
}
