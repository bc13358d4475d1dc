internal import Clocks
internal import Heads
internal import Telemetry

/// Short predictions, which cost less than a change of threads: the loop computes them at the end
/// of its turn, when all requests that came with them are there too. Belongs to that loop.
///
/// There is no queue, because there is nothing to decide: a turn takes no more than other
/// connections of the loop can wait for, and all of it is computed at the turn's end. What does
/// not fit takes its turn at the compute threads, which also refuse what cannot be done in time.
final class InlineBatches {
    /// Nanoseconds of computation that may delay a turn's other connections, probes among them.
    static let maxTurnNanoseconds: UInt64 = 300_000

    /// Rows of one turn and of one batch, at the most.
    struct Limits {
        /// As many as one client may have waiting, so that it never has more of them here.
        let maxTurnRows: Int
        let maxBatchRows: Int
    }

    /// The work at the end of a turn.
    struct Handlers {
        /// Takes the jobs of one batch, in order of arrival.
        let run: ([PredictionJob]) -> Void
        /// Takes the jobs whose deadline passed before the turn's end.
        let expire: ([PredictionJob]) -> Void
    }

    private let limits: Limits
    private let rows: InlineRows
    private let clock: () -> UInt64
    private let atTurnEnd: (@escaping () -> Void) -> Void
    private let handlers: Handlers
    /// The jobs of this turn, in order of arrival.
    private var jobs: [PredictionJob] = []
    private var turnRows = 0
    /// This turn's work by model and kind, and expected nanoseconds of all of it.
    private var work: [InlineWork] = []
    private var expected: UInt64 = 0

    /// - Parameters:
    ///   - limits: rows of a turn and of a batch.
    ///   - rows: the loop's own count of rows, for those who ask what waits and runs.
    ///   - clock: monotonic nanoseconds.
    ///   - atTurnEnd: puts work off to the end of the loop's turn.
    ///   - handlers: what becomes of the jobs.
    init(
        _ limits: Limits, rows: InlineRows, clock: @escaping () -> UInt64 = { MonotonicClock.now },
        atTurnEnd: @escaping (@escaping () -> Void) -> Void, _ handlers: Handlers
    ) {
        self.limits = limits
        self.rows = rows
        self.clock = clock
        self.atTurnEnd = atTurnEnd
        self.handlers = handlers
    }

    /// Takes the job where it is brief enough to be computed at the end of this turn, and can be
    /// done before its deadline.
    func takes(_ job: PredictionJob) -> Bool {
        let count = job.options.count
        guard let time = job.expectedTime, time <= Self.maxTurnNanoseconds,
            count > 0, count <= limits.maxTurnRows - turnRows,
            job.deadline > job.admission, time <= job.deadline - job.admission,
            addWork(of: job)
        else { return false }
        turnRows += count
        rows.waiting.add(count)
        if jobs.isEmpty { atTurnEnd { self.endTurn() } }
        jobs.append(job)
        return true
    }

    /// Adds a job to the turn's work; false where that would be too much. Jobs of one model and
    /// kind run together, which takes less time than each alone: that counts where it makes room.
    private func addWork(of job: PredictionJob) -> Bool {
        let place = work.firstIndex { $0.times === job.times }
        guard var sum = place.map({ work[$0].adding(job) }) ?? InlineWork(job) else { return false }
        let others = expected - (place.map { work[$0].expected } ?? 0)
        let rest = Self.maxTurnNanoseconds - others
        if sum.expected > rest { sum.judgeAsBatch() }
        guard sum.expected <= rest else { return false }
        if let place { work[place] = sum } else { work.append(sum) }
        expected = others + sum.expected
        return true
    }

    /// Computes what the turn has taken. An answer may bring the next request of its connection,
    /// which belongs to the next turn.
    private func endTurn() {
        var due: [PredictionJob] = []
        swap(&due, &jobs)
        rows.waiting.add(-turnRows)
        (turnRows, expected) = (0, 0)
        work.removeAll(keepingCapacity: true)
        let now = clock()
        // Nobody is there to be told that a job was left out because its client has left.
        if due.contains(where: { !$0.isWanted(now: now) }) {
            due.removeAll { !$0.inFlight.isWanted }
            let late = due.filter { $0.deadline <= now }
            due.removeAll { $0.deadline <= now }
            if !late.isEmpty { handlers.expire(late) }
        }
        for batch in Self.batches(of: due, maxRows: limits.maxBatchRows) {
            let count = batch.reduce(0) { $0 + $1.options.count }
            rows.running.add(count)
            handlers.run(batch)
            rows.running.add(-count)
        }
    }

    /// Batches of one model and kind each, with at most `maxRows` rows but where one job has more,
    /// in the order in which their first jobs came.
    static func batches(of jobs: [PredictionJob], maxRows: Int) -> [[PredictionJob]] {
        var batches: [[PredictionJob]] = []
        /// Batches that the next job of their key may join, and their rows; a turn has few keys.
        var open: [(key: Int, batch: Int, rows: Int)] = []
        for job in jobs {
            let (key, count) = (job.batchKey, job.options.count)
            let place = open.firstIndex { $0.key == key }
            if let place, count <= maxRows - open[place].rows {
                batches[open[place].batch].append(job)
                open[place].rows += count
                continue
            }
            let next = (key, batches.count, count)
            if let place { open[place] = next } else { open.append(next) }
            batches.append([job])
        }
        return batches
    }
}

/// The part of a turn that is work of one kind for one model.
private struct InlineWork {
    let times: RunTimes
    private var rows: Int
    /// Samples of all rows.
    private var units: Int
    /// Nanoseconds, at most as many as its jobs take alone.
    private(set) var expected: UInt64

    /// A job alone, whose expected time is known and less than a turn's; nil where it is not known.
    init?(_ job: PredictionJob) {
        guard let work = job.work, let times = job.times, let time = job.expectedTime else {
            return nil
        }
        self.times = times
        rows = job.options.count
        units = rows * work.sampleCount
        expected = time
    }

    /// The same work with one job more.
    func adding(_ job: PredictionJob) -> InlineWork? {
        guard let added = InlineWork(job) else { return nil }
        var sum = self
        sum.rows += added.rows
        sum.units += added.units
        sum.expected += added.expected
        return sum
    }

    /// Looks for the time of a batch of so many rows. Such batches may not have run for a long
    /// time, so it counts where it is less.
    mutating func judgeAsBatch() {
        let time = times.nanoseconds(rows: rows, samples: units / rows)
        expected = min(expected, time ?? .max)
    }
}

/// Rows that wait or are computed on one event loop, which counts them; any thread may read.
final class InlineRows: Sendable {
    let waiting = OwnedCount()
    let running = OwnedCount()
}
