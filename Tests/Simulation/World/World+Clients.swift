import Fixtures
import HTTPMessages

/// The clients.
extension World {
    /// The most that one read of the server brings.
    static let readBytes = 600

    func connect() throws(Breach) {
        nextConnection += 1
        tally.connections += 1
        let peer = Peer(number: nextConnection, in: self)
        peers.append(peer)
        try peer.start()
    }

    /// Sends a part of what is composed, or gets a part of what was sent to the server.
    func send(_ peer: Peer) throws(Breach) {
        let size = Int.random(in: 1...(Bool.random(using: &random) ? 20 : 400), using: &random)
        if !peer.hasLeft { peer.sent = min(peer.stream.count, peer.sent + size) }
        try deliver(peer)
    }

    /// Bytes in the server's socket go to the connection, unless it has stopped reading.
    func deliver(_ peer: Peer) throws(Breach) {
        while peer.delivered < peer.sent, !peer.isPaused, !peer.isClosing, isOpen(peer) {
            let end = min(peer.sent, peer.delivered + Self.readBytes)
            let bytes = Array(peer.stream[peer.delivered..<end])
            peer.delivered = end
            // Longer ago than any timeout.
            peer.clockLag = fault == .clockStandsStill ? 1_000_000_000 : 0
            try peer.receive(bytes.span)
            peer.clockLag = 0
        }
        guard peer.hasEnded, !peer.heardEnd, !peer.isPaused, !peer.isClosing, isOpen(peer)
        else { return }
        peer.heardEnd = true
        try peer.peerClosedReading()
        // Nothing before the end is held back, so what the end means is known.
        try require(
            peer.heardLast || peer.owned.requests.isEmpty || peer.isPaused, .goneIsDropped,
            "connection \(peer.number) has \(peer.owned.requests.count) predictions")
    }

    /// Reads a part of what the server has sent; to bytes for a client that has gone its system
    /// replies with a reset.
    func read(_ peer: Peer) throws(Breach) {
        if peer.hasLeft {
            if !peer.output.isEmpty { try reset(peer) }
            return
        }
        guard !peer.output.isEmpty else { return }
        let before = tally.answers - peer.answersRead
        try peer.read(Int.random(in: 1...600, using: &random))
        tally.answers = before + peer.answersRead
        try peer.writeProgressed(pending: peer.output.count)
        try closeIfFlushed(peer)
    }

    /// A client sends nothing more. One that announced its last request may go on reading.
    func endClient(_ peer: Peer) throws(Breach) {
        peer.hasEnded = true
        if Int.random(in: 0..<3, using: &random) == 0 { peer.hasLeft = true }
        peer.stream.removeLast(peer.stream.count - peer.sent)
        try deliver(peer)
    }

    func reset(_ peer: Peer) throws(Breach) {
        tally.resets += 1
        peer.hasLeft = true
        try remove(peer)
    }

    /// A socket that was to be closed is, once everything is flushed.
    func closeIfFlushed(_ peer: Peer) throws(Breach) {
        guard peer.isClosing, peer.output.isEmpty, isOpen(peer) else { return }
        try require(
            peer.isForsaken || peer.hasLeft || peer.answersRead == peer.asked, .oneAnswer,
            "connection \(peer.number): \(peer.answersRead) answers to \(peer.asked) requests")
        try require(
            peer.owned.requests.isEmpty, .oneAnswer,
            "connection \(peer.number) closed before an answer")
        try remove(peer)
    }

    /// The socket is gone.
    func remove(_ peer: Peer) throws(Breach) {
        try peer.cancelAll()
        peers.removeAll { $0 === peer }
        forgetIfGone(peer.number)
    }

    func isOpen(_ peer: Peer) -> Bool { peers.contains { $0 === peer } }
}
