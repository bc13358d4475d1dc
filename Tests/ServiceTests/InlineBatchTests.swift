import Heads
import Telemetry
import Testing

@testable import Service

/// The work that a loop computes itself, at the ends of its turns.
@Suite final class InlineBatchTests {
    /// The end of a turn as the test makes it.
    private final class Turn {
        var endings: [() -> Void] = []
        var now: UInt64 = 0

        func end() {
            let due = endings
            endings = []
            for ending in due { ending() }
        }
    }

    /// The batches that were run and the jobs that were late, by their rows.
    private final class Record {
        var batches: [[Int]] = []
        var late: [Int] = []
        /// Called while a batch runs.
        var onRun: () -> Void = {}
    }

    private let turn = Turn()
    private let record = Record()
    private let rows = InlineRows()
    private let inline: InlineBatches
    private let limit = InlineBatches.maxTurnNanoseconds
    private let model: ServedModel

    init() throws {
        let (turn, record) = (turn, record)
        model = try Requests.served("digits-mhs")
        inline = InlineBatches(
            InlineBatches.Limits(maxTurnRows: 100, maxBatchRows: 10), rows: rows,
            clock: { turn.now }, atTurnEnd: { turn.endings.append($0) },
            InlineBatches.Handlers(
                run: { jobs in
                    record.batches.append(jobs.map(\.options.count))
                    record.onRun()
                },
                expire: { record.late += $0.map(\.options.count) }))
    }

    /// The endings of a turn hold the batches, which hold the turn.
    deinit {
        turn.endings = []
        record.onRun = {}
    }

    /// A job of as many rows, of a model whose rows take so long.
    private func job(
        rows: Int = 1, nanosecondsPerRow: UInt64 = 1, deadline: UInt64 = .max,
        _ inFlight: InFlight? = nil
    ) throws -> PredictionJob {
        let model = try Requests.served("digits-mhs")
        let count = max(rows, 1)
        model.runTimes[.law].record(
            rows: count, samples: 1, nanoseconds: UInt64(count) * nanosecondsPerRow)
        return .made(of: model, rows: rows, inFlight, deadline: deadline)
    }

    @Test(arguments: -1...1) func `a turn's work has a limit`(excess: Int) throws {
        #expect(limit == 300_000)
        let job = try job(nanosecondsPerRow: UInt64(Int(limit) + excess))
        #expect(inline.takes(job) == (excess <= 0))
        #expect(turn.endings.count == (excess <= 0 ? 1 : 0))
    }

    @Test(arguments: -1...1) func `the limit is that of all the turn's jobs`(excess: Int) throws {
        let first = try job(rows: 2, nanosecondsPerRow: 100_000)
        let second = try job(nanosecondsPerRow: UInt64(100_000 + excess))
        #expect(inline.takes(first))
        #expect(inline.takes(second) == (excess <= 0))
        #expect(turn.endings.count == 1, "one end of the turn computes them all")
    }

    /// A row alone takes 100 µs, and 64 rows together 10 µs each: 30 of them are as long as a turn.
    @Test func `jobs of one model count as the batch that they make`() {
        model.runTimes[.law].record(rows: 1, samples: 1, nanoseconds: 100_000)
        model.runTimes[.law].record(rows: 16, samples: 1, nanoseconds: 160_000)
        let taken = (0..<40).map { _ in inline.takes(.made(of: model, rows: 1)) }
        // Up to four rows are judged by one row, eight and more by sixteen.
        #expect(taken.count { $0 } == 3)
        turn.end()
        #expect(inline.takes(.made(of: model, rows: 12)))
        let others = (0..<40).map { _ in inline.takes(.made(of: model, rows: 1)) }
        #expect(others.count { $0 } == 18 && others.firstIndex(of: false) == 18)
    }

    /// A batch of two was slow, long ago: it is tried again, for two alone would not be.
    @Test func `batches that were slow once are tried again`() {
        model.runTimes[.law].record(rows: 2, samples: 1, nanoseconds: 10_000_000)
        model.runTimes[.law].record(rows: 1, samples: 1, nanoseconds: 10_000)
        let taken = (0..<40).map { _ in inline.takes(.made(of: model, rows: 1)) }
        #expect(taken.count { $0 } == 30)
    }

    @Test func `a job that is left to others takes nothing of the turn`() throws {
        #expect(!inline.takes(try job(nanosecondsPerRow: limit + 1)))
        #expect(inline.takes(try job(nanosecondsPerRow: limit)))
        #expect(!inline.takes(try job(nanosecondsPerRow: 1)))
    }

    @Test func `expected times without end are no trap`() throws {
        #expect(inline.takes(try job(nanosecondsPerRow: 1)))
        #expect(!inline.takes(try job(nanosecondsPerRow: .max)))
    }

    /// As many rows as one client may have waiting, whoever they are of.
    @Test(arguments: -1...1) func `a turn's rows have a limit`(excess: Int) throws {
        #expect(inline.takes(try job(rows: 60)))
        #expect(inline.takes(try job(rows: 40 + excess)) == (excess <= 0))
        #expect(rows.waiting.value == (excess <= 0 ? 100 + excess : 60))
        turn.end()
        #expect(inline.takes(try job(rows: 100)), "the next turn begins anew")
    }

    @Test func `a job without rows is left to those who refuse it`() throws {
        #expect(!inline.takes(try job(rows: 0)))
    }

    /// It was handed in at 0.
    @Test(arguments: [(0, false), (499, false), (500, true)])
    func `so is one that cannot be done in time`(deadline: UInt64, isTaken: Bool) throws {
        let job = try job(nanosecondsPerRow: 500, deadline: deadline)
        #expect(inline.takes(job) == isTaken)
    }

    @Test func `each turn begins anew and ends once`() throws {
        for count in 1...3 {
            #expect(inline.takes(try job(nanosecondsPerRow: limit)))
            #expect(record.batches.count == count - 1)
            turn.end()
            #expect(record.batches == [[Int]](repeating: [1], count: count))
        }
        turn.end()
        #expect(record.batches.count == 3, "nothing is owed without a job")
    }

    @Test func `what comes while a turn ends belongs to the next`() throws {
        let next = try job(rows: 2, nanosecondsPerRow: limit / 2)
        record.onRun = { [inline, record] in
            record.onRun = {}
            #expect(inline.takes(next))
        }
        #expect(inline.takes(try job(nanosecondsPerRow: limit)))
        turn.end()
        #expect(record.batches == [[1]] && rows.waiting.value == 2)
        turn.end()
        #expect(record.batches == [[1], [2]] && rows.waiting.value == 0)
    }

    @Test func `a model that has not run is not brief`() throws {
        #expect(!inline.takes(.made(of: model, rows: 1)))
        #expect(turn.endings.isEmpty)
        model.runTimes[.law].record(rows: 1, samples: 1, nanoseconds: 10_000)
        #expect(inline.takes(.made(of: model, rows: 1)))
    }

    @Test func `rows wait until the turn's end, and run while their batch does`() throws {
        model.runTimes[.law].record(rows: 1, samples: 1, nanoseconds: 1)
        for count in [4, 6, 1] { #expect(inline.takes(.made(of: model, rows: count))) }
        #expect(rows.waiting.value == 11 && rows.running.value == 0)
        var seen: [Int] = []
        record.onRun = { [rows] in seen += [rows.waiting.value, rows.running.value] }
        turn.end()
        #expect(record.batches == [[4, 6], [1]])
        #expect(seen == [0, 10, 0, 1])
        #expect(rows.waiting.value == 0 && rows.running.value == 0)
    }

    @Test func `what nobody waits for is not computed`() throws {
        let (left, stays) = (Requests.inFlight(), Requests.inFlight(ordinal: 1))
        #expect(inline.takes(try job(rows: 2, left)))
        #expect(inline.takes(try job(rows: 3, stays)))
        left.cancel()
        turn.end()
        #expect(record.batches == [[3]] && record.late.isEmpty)
        #expect(rows.waiting.value == 0)
    }

    /// The time of its turn's end.
    @Test(arguments: [(999, false), (1000, true), (1001, true)])
    func `what is late at the turn's end is told so`(now: UInt64, isLate: Bool) throws {
        #expect(inline.takes(try job(rows: 2, deadline: 1000)))
        #expect(inline.takes(try job(rows: 3)))
        turn.now = now
        turn.end()
        #expect(record.late == (isLate ? [2] : []))
        #expect(record.batches == (isLate ? [[3]] : [[2, 3]]))
    }

    // MARK: Batches

    private func batches(_ jobs: [(model: ServedModel, rows: Int)]) -> [[Int]] {
        let jobs = jobs.map { PredictionJob.made(of: $0.model, rows: $0.rows) }
        return InlineBatches.batches(of: jobs, maxRows: 8).map { $0.map(\.options.count) }
    }

    @Test(arguments: -1...1) func `a batch has so many rows`(excess: Int) {
        let sizes = batches([(model, 3), (model, 5 + excess), (model, 1)])
        let expected = [[[3, 4, 1]], [[3, 5], [1]], [[3], [6, 1]]]
        #expect(sizes == expected[excess + 1])
    }

    @Test func `a job with more rows is a batch of its own`() {
        #expect(batches([(model, 9), (model, 1), (model, 20)]) == [[9], [1], [20]])
    }

    @Test func `batches are of one model, each in order of arrival`() throws {
        let other = ServedModel(ordinal: 1, model: model.model, metrics: model.metrics)
        let sizes = batches([(model, 1), (other, 2), (model, 3), (other, 7), (model, 4)])
        #expect(sizes == [[1, 3, 4], [2], [7]])
        #expect(batches([]).isEmpty)
    }
}
