import Batching
import Fixtures
import HTTPMessages
import HTTPTypes

/// Invariants that hold after each step, and the end of a server.
extension World {
    func check() throws(Breach) {
        try processor.check()
        for peer in peers { try check(peer) }
        try endDrain()
    }

    private func check(_ peer: Peer) throws(Breach) {
        let waiting = peer.owned.machine.waitingRequests.count
        // One more than may wait is refused beside them.
        try require(
            waiting <= limits.maxPipelinedRequests + 1, .limitsHold, "\(waiting) requests wait")
        // Bodies that wait, each begun below the limit, and one in progress, of under 300 bytes;
        // answers of under 300 bytes with their heads, begun below their limit, for each request;
        // and one read.
        let bound =
            limits.maxPipelinedBodyBytes + 2 * 300 + Self.readBytes + limits.maxUnflushedBytes
            + 300 * (limits.maxPipelinedRequests + 1)
        try require(
            peer.owned.machine.heldBytes <= bound, .limitsHold,
            "\(peer.owned.machine.heldBytes) bytes held")
        try require(
            peer.timer != nil || waiting > 0 || peer.isClosing, .timersAhead,
            "connection \(peer.number) has nothing to end it")
    }

    /// Connections finish what they have.
    func drain() throws(Breach) {
        guard drainEnd == nil else { return }
        tally.drains += 1
        // In milliseconds: a head, 20, and a body, 30 and more for its bytes, that arrive; the last
        // deadline, 60; answers of under 3,000 bytes at the least rate, 180, and a stall, 30;
        // lingering, 5; before all that the grace, 10. And all that is to be computed by then, for
        // a batch that has begun is computed to its end.
        drainEnd = now + 470_000_000 + processor.work
        graceEnd = now + limits.drainGrace
        clientsStay = Bool.random(using: &random)
        for peer in peers { try peer.beginDrain() }
    }

    private func endDrain() throws(Breach) {
        guard let drainEnd else { return }
        try require(now <= drainEnd, .drainEnds, "\(peers.count) connections are still open")
        guard peers.isEmpty else { return }
        try require(
            processor.audit.pieces.isEmpty, .drainEnds,
            "\(processor.audit.pieces.count) entries are left without a connection")
        // A batch in progress is computed to its end, for nobody.
        while processor.isComputing {
            now = max(now, processor.due)
            try endSlice()
            try settle()
        }
        try require(
            jobs.isEmpty && processor.isEmpty, .drainEnds, "\(jobs.count) jobs are not done")
        begin()
    }
}
