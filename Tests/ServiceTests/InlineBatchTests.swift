import Batching
import Heads
import Synchronization
import Testing

@testable import Service

/// The choice of the work that a loop computes itself.
@Suite final class InlineBatchTests {
    /// The end of a turn as the test makes it.
    private final class Turn {
        var endings: [() -> Void] = []

        func end() {
            let due = endings
            endings = []
            for ending in due { ending() }
        }
    }

    /// The number of jobs of each batch that was run.
    private final class Batches: Sendable {
        private let sizes = Mutex<[Int]>([])
        func append(_ size: Int) { sizes.withLock { $0.append(size) } }
        var all: [Int] { sizes.withLock { $0 } }
    }

    private let turn = Turn()
    private let inline: InlineBatches
    private let batches = Batches()
    private let limit = UInt64(InlineBatches.maxTurnNanoseconds)

    init() {
        let (turn, batches) = (turn, batches)
        let batcher = PredictionBatcher(
            limits: BatchLimits(maxQueueRows: 100, maxBatchRows: 100), clock: { 0 },
            expire: { _ in }, run: { _, jobs in batches.append(jobs.count) })
        inline = InlineBatches(batcher: batcher, atTurnEnd: { turn.endings.append($0) })
    }

    /// The endings of a turn hold the batches, which hold the turn.
    deinit { turn.endings = [] }

    /// A job of as many rows, of a model whose rows take so long.
    private func job(rows: Int = 1, nanosecondsPerRow: UInt64) throws -> PredictionJob {
        let model = try Requests.served("digits-mhs")
        let job = PredictionJob.made(of: model, rows: rows)
        model.runTimes.record(rows: 1, samples: 1, nanoseconds: nanosecondsPerRow)
        return job
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
        #expect(turn.endings.count == 1, "one turn of the batcher takes them all")
    }

    @Test func `a job that is left to the batcher takes nothing of the turn`() throws {
        #expect(!inline.takes(try job(nanosecondsPerRow: limit + 1)))
        #expect(inline.takes(try job(nanosecondsPerRow: limit)))
        #expect(!inline.takes(try job(nanosecondsPerRow: 1)))
    }

    @Test func `each turn begins anew and makes one turn of the batcher`() throws {
        for count in 1...3 {
            let job = try job(nanosecondsPerRow: limit)
            #expect(inline.takes(job))
            _ = inline.batcher.submit(
                job, key: 0, client: job.inFlight.reply.connection, rows: 1, deadline: .max,
                withoutTurn: true)
            #expect(batches.all.count == count - 1)
            turn.end()
            #expect(batches.all == [Int](repeating: 1, count: count))
        }
        turn.end()
        #expect(batches.all.count == 3, "nothing is owed without a job")
    }

    @Test func `a model that has not run is not brief`() throws {
        let model = try Requests.served("digits-mhs")
        let job = PredictionJob.made(of: model, rows: 1)
        #expect(!inline.takes(job))
        #expect(turn.endings.isEmpty)
        model.runTimes.record(rows: 1, samples: 1, nanoseconds: 10_000)
        #expect(inline.takes(job))
    }
}
