import Batching
import HTTPMessages
import HTTPTypes

/// The requests of all connections, on their way into the queue and out of it.
extension World {
    func admit(_ job: Job) -> RequestStep {
        let admission = queue.admit(
            job, key: job.key, client: job.connection, rows: job.rows, deadline: job.deadline,
            now: now)
        guard case .admitted(let ticket) = admission else {
            tally.turnedAway += 1
            return .answer(answer(HTTPResponse.Status(code: 429), job.name))
        }
        waiting[job.name] = job
        tickets[job.name] = ticket
        waitingRows += job.rows
        return .pending(PendingJob(ticket: ticket, name: job.name))
    }

    /// Takes back a prediction that nobody waits for any more.
    func withdraw(_ pending: PendingJob) throws(Breach) {
        let job = queue.cancel(pending.ticket)
        try require(
            job?.name == waiting[pending.name]?.name, .countersAgree,
            "cancelling \(pending.name) gave \(job?.name ?? 0)")
        tally.cancelled += 1
        forget(pending.name)
    }

    func forget(_ name: UInt64) {
        tickets[name] = nil
        if let job = waiting.removeValue(forKey: name) { waitingRows -= job.rows }
    }

    func answer(_ status: HTTPResponse.Status, _ numbers: UInt64...) -> HTTPResponseMessage {
        let text = numbers.map { "\($0)" }.joined(separator: " ")
        return HTTPResponseMessage(status: status, body: Array(text.utf8))
    }
}
