import Batching
import HTTPMessages
import HTTPTypes

/// The requests of all connections, on their way into the queue and out of it.
extension World {
    func admit(_ job: Job) throws(Breach) -> RequestStep {
        let piece = job.piece(now: now, random: &random)
        guard let ticket = try processor.admit(piece, now: now) else {
            tally.turnedAway += 1
            return .answer(answer(HTTPResponse.Status(code: 429), job.name))
        }
        if let end = drainEnd { drainEnd = end + piece.cost }
        jobs[job.name] = job
        tickets[job.name] = ticket
        return .pending(PendingJob(ticket: ticket, name: job.name))
    }

    /// Takes back a prediction that nobody waits for any more.
    func withdraw(_ pending: PendingJob) throws(Breach) {
        tally.cancelled += 1
        tickets[pending.name] = nil
        guard try processor.cancel(pending.ticket, name: pending.name) else { return }
        jobs[pending.name] = nil
    }

    func answer(_ status: HTTPResponse.Status, _ numbers: UInt64...) -> HTTPResponseMessage {
        let text = numbers.map { "\($0)" }.joined(separator: " ")
        return HTTPResponseMessage(status: status, body: Array(text.utf8))
    }
}
