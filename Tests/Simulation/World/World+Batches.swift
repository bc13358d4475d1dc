import Batching
import HTTPMessages
import HTTPTypes

/// The owner of the queue: runs batches on a head that knows each row by its number.
extension World {
    /// Does what the queue says until it has nothing to do now.
    func settle() throws(Breach) {
        while true {
            switch queue.next(now: now) {
            case .expired(let jobs):
                for job in jobs {
                    try require(
                        job.deadline <= now && waiting[job.name] != nil, .batchIsSound,
                        "\(job.name) expired too early, or twice")
                    tally.expired += 1
                    forget(job.name)
                    try finish(job, .gatewayTimeout)
                }
            case .run(let batch): try start(batch)
            case .wait(let until):
                try require(until > now, .timersAhead, "the queue waits for \(until)")
                wakeUp = until
                return
            case .busy, .idle: return
            }
        }
    }

    private func start(_ batch: Batch<Int, Job>) throws(Breach) {
        let limit = queue.limits.maxBatchRows
        try require(running == nil, .batchIsSound, "two batches at once")
        try require(!batch.entries.isEmpty, .batchIsSound, "an empty batch")
        try require(
            batch.rows == batch.entries.reduce(0) { $0 + $1.rows }
                && (batch.rows <= limit || batch.entries.count == 1), .batchIsSound,
            "\(batch.rows) rows of at most \(limit)")
        for job in batch.entries {
            try require(
                waiting[job.name] != nil && job.deadline > now && job.key == batch.key,
                .batchIsSound, "\(job.name) of key \(job.key) in a batch of \(batch.key)")
            forget(job.name)
            guard let peer = peer(job.connection) else {
                throw Breach(
                    invariant: .goneIsDropped, detail: "\(job.name) was batched", line: #line)
            }
            try require(
                peer.lastBatched[job.key] ?? 0 < job.name, .batchIsSound, "\(job.name) overtaken")
            peer.lastBatched[job.key] = job.name
        }
        running = batch
        runningEnd =
            now + UInt64(batch.rows) * UInt64.random(in: 1_000...1_000_000, using: &random)
    }

    /// The batch's rows, side by side, have come through the head: each job gets its own.
    func finishBatch() throws(Breach) {
        guard let batch = running else { return }
        running = nil
        queue.finish(now: now)
        var rows = batch.entries.flatMap { job in
            (0..<job.rows).map { SentRequest.row(job.name, $0) }
        }
        if fault == .rowsShifted { rows.append(rows.removeFirst()) }
        var first = 0
        for job in batch.entries {
            let own = rows[first..<first + job.rows]
            first += job.rows
            tally.computed += 1
            if job.deadline > now {
                try finish(job, .ok, SentRequest.digest(own))
            } else {
                try finish(job, .gatewayTimeout)
            }
        }
    }

    /// The answer of a prediction has come; without effect when its client has left.
    private func finish(
        _ job: Job, _ status: HTTPResponse.Status, _ digest: UInt64 = 0
    ) throws(Breach) {
        if fault == .answersLost, drainEnd != nil { return }
        let answer = answer(status, job.name, digest)
        try peer(job.connection)?.finish(job.request) { _ in .answer(answer) }
    }

    func peer(_ number: Int) -> Peer? { peers.first { $0.number == number } }
}
