import Fixtures
import HTTPMessages

/// What clients do.
extension World {
    /// The most that one read of the server brings.
    static let readBytes = 600

    mutating func connect() throws(Breach) {
        nextConnection += 1
        tally.connections += 1
        let peer = Peer(number: nextConnection, limits: limits, now: now)
        peers.append(peer)
        try perform(peer.machine.start(), peer)
    }

    /// Sends a part of what is composed, or gets a part of what was sent to the server.
    mutating func send(_ peer: Peer) throws(Breach) {
        let size = Int.random(in: 1...(Bool.random(using: &random) ? 20 : 400), using: &random)
        if !peer.hasLeft { peer.sent = min(peer.stream.count, peer.sent + size) }
        try deliver(peer)
    }

    /// What the server's socket holds goes to the connection, unless it has stopped reading.
    mutating func deliver(_ peer: Peer) throws(Breach) {
        while peer.delivered < peer.sent, !peer.isPaused, !peer.isClosing, isOpen(peer) {
            let end = min(peer.sent, peer.delivered + Self.readBytes)
            let bytes = Array(peer.stream[peer.delivered..<end])
            peer.delivered = end
            // Longer ago than any timeout.
            let time = fault == .clockStandsStill ? now - min(now, 1_000_000_000) : now
            try perform(peer.machine.receive(bytes.span, now: time), peer)
        }
        guard peer.hasEnded, !peer.heardEnd, !peer.isPaused, !peer.isClosing, isOpen(peer)
        else { return }
        peer.heardEnd = true
        try perform(peer.machine.peerClosedReading(now: now), peer)
        // Nothing before the end is held back, so what the end means is known.
        try require(
            peer.heardLast || peer.waiting.isEmpty || peer.isPaused, .goneIsDropped,
            "connection \(peer.number) has \(peer.waiting.count) predictions")
    }

    /// Reads a part of what the server has sent; to bytes for a client that has gone its system
    /// replies with a reset.
    mutating func read(_ peer: Peer) throws(Breach) {
        if peer.hasLeft {
            if !peer.output.isEmpty { try reset(peer) }
            return
        }
        guard !peer.output.isEmpty else { return }
        let before = tally.answers - peer.answersRead
        try peer.read(Int.random(in: 1...600, using: &random))
        tally.answers = before + peer.answersRead
        try perform(
            peer.machine.writeProgressed(pending: peer.output.count, now: now), peer)
        try closeIfFlushed(peer)
    }

    /// A client sends nothing more. One that announced its last request may go on reading.
    mutating func endClient(_ peer: Peer) throws(Breach) {
        peer.hasEnded = true
        if Int.random(in: 0..<3, using: &random) == 0 { peer.hasLeft = true }
        peer.stream.removeLast(peer.stream.count - peer.sent)
        try deliver(peer)
    }

    mutating func reset(_ peer: Peer) throws(Breach) {
        tally.resets += 1
        peer.hasLeft = true
        try remove(peer)
    }

    /// A socket that was to be closed is, once everything is flushed.
    mutating func closeIfFlushed(_ peer: Peer) throws(Breach) {
        guard peer.isClosing, peer.output.isEmpty, isOpen(peer) else { return }
        try require(
            peer.isForsaken || peer.hasLeft || peer.answersRead == peer.asked, .oneAnswer,
            "connection \(peer.number): \(peer.answersRead) answers to \(peer.asked) requests")
        try require(
            peer.waiting.isEmpty, .oneAnswer, "connection \(peer.number) closed before an answer")
        try remove(peer)
    }

    /// The socket is gone.
    mutating func remove(_ peer: Peer) throws(Breach) {
        try dropWork(peer)
        peers.removeAll { $0 === peer }
    }

    func isOpen(_ peer: Peer) -> Bool { peers.contains { $0 === peer } }
}
