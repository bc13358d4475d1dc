import Batching
import HTTPMessages
import HTTPTypes

/// The owner of the queue: runs batches on a head that knows each row by its number.
extension World {
    /// Does what the queue says until it has nothing to do now.
    func settle() throws(Breach) {
        while true {
            let late = try processor.advance(now, random: &random)
            if late.isEmpty { return }
            for piece in late {
                tally.expired += 1
                tickets[piece.name] = nil
                try finish(piece.name, .gatewayTimeout)
            }
        }
    }

    /// Ends the slice that is due. If its batch is done, its rows, side by side, have come through
    /// the head: each job gets its own.
    func endSlice() throws(Breach) {
        let pieces = try processor.endSlice(now)
        for piece in pieces { tickets[piece.name] = nil }
        var rows = pieces.flatMap { piece in
            (0..<piece.size.rows).map { SentRequest.row(piece.name, $0) }
        }
        if fault == .rowsShifted, !rows.isEmpty { rows.append(rows.removeFirst()) }
        var first = 0
        for piece in pieces {
            let own = rows[first..<first + piece.size.rows]
            first += piece.size.rows
            tally.computed += 1
            if piece.deadline > now {
                try finish(piece.name, .ok, SentRequest.digest(own))
            } else {
                try finish(piece.name, .gatewayTimeout)
            }
        }
    }

    /// The answer of a prediction has come; without effect when its client has left.
    private func finish(
        _ name: UInt64, _ status: HTTPResponse.Status, _ digest: UInt64 = 0
    ) throws(Breach) {
        guard let job = jobs.removeValue(forKey: name) else {
            throw Breach(invariant: .leavesOnce, detail: "\(name) has an answer", line: #line)
        }
        forgetIfGone(job.connection)
        if fault == .answersLost, drainEnd != nil { return }
        let answer = answer(status, job.name, digest)
        try peer(job.connection)?.finish(job.request) { _ in .answer(answer) }
    }

    /// Of a connection that is closed the queue's books keep nothing, once it has no entries.
    func forgetIfGone(_ connection: Int) {
        if peer(connection) == nil { processor.forget(connection) }
    }

    func peer(_ number: Int) -> Peer? { peers.first { $0.number == number } }
}
