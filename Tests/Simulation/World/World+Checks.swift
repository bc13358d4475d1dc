import Batching
import Fixtures
import HTTPMessages
import HTTPTypes

/// Invariants that hold after each step, and the end of a server.
extension World {
    func check() throws(Breach) {
        try require(
            queue.waitingRows == waitingRows, .countersAgree,
            "\(queue.waitingRows) rows, not \(waitingRows)")
        try require(
            queue.waitingRows <= queue.limits.maxQueueRows, .limitsHold,
            "\(queue.waitingRows) rows wait")
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

    /// The queue's whole content, taken out of a copy.
    func audit() throws(Breach) {
        var copy = queue
        var held: Set<UInt64> = []
        for ticket in tickets.values {
            if let job = copy.cancel(ticket) { held.insert(job.name) }
        }
        try require(
            held == Set(waiting.keys), .countersAgree,
            "the queue holds \(held.count) entries, not \(waiting.count)")
        try require(copy.waitingRows == 0, .countersAgree, "\(copy.waitingRows) rows are nobody's")
    }

    /// Connections finish what they have.
    func drain() throws(Breach) {
        guard drainEnd == nil else { return }
        tally.drains += 1
        // In milliseconds: a head, 20, and a body, 30 and more for its bytes, that arrive; the last
        // deadline, 60; the batch that runs then, 40; answers of under 3,000 bytes at the least
        // rate, 180, and a stall, 30; lingering, 5; before all that the grace, 10.
        drainEnd = now + 510_000_000
        clientsStay = Bool.random(using: &random)
        for peer in peers { try peer.beginDrain() }
    }

    private func endDrain() throws(Breach) {
        guard let drainEnd else { return }
        try require(now <= drainEnd, .drainEnds, "\(peers.count) connections are still open")
        guard peers.isEmpty else { return }
        try require(
            queue.waitingRows == 0 && waiting.isEmpty, .drainEnds,
            "\(queue.waitingRows) rows are left without a connection")
        if running != nil {
            now = max(now, runningEnd)
            try finishBatch()
        }
        try require(queue.runningRows == 0, .drainEnds, "a batch still runs")
        begin()
    }
}
