import Heads
import Testing

@testable import Service

/// What a loop computes itself, and what it leaves to the batcher's thread.
@Suite final class BriefWorkTests {
    /// The end of a turn as the test makes it.
    private final class Turn {
        var endings: [() -> Void] = []
        var batcherTurns = 0

        func end() {
            let due = endings
            endings = []
            for ending in due { ending() }
        }
    }

    private let turn = Turn()
    private let brief: BriefWork
    private let limit = UInt64(BriefWork.longestTurn)

    init() {
        let turn = turn
        brief = BriefWork(
            atTurnEnd: { turn.endings.append($0) }, runTurn: { turn.batcherTurns += 1 })
    }

    /// What a turn still owes holds the work, which holds the turn.
    deinit { turn.endings = [] }

    /// A job of as many rows, of a model whose rows take so long.
    private func job(rows: Int = 1, nanosecondsPerRow: UInt64) throws -> PredictionJob {
        let model = try PredictionEncoderTests.served("digits-mhs")
        let job = PredictionJob.made(of: model, rows: rows)
        model.pace.record([PredictionJob.made(of: model, rows: 1)], nanoseconds: nanosecondsPerRow)
        return job
    }

    @Test(arguments: -1...1) func `a turn's work has a limit`(excess: Int) throws {
        #expect(limit == 300_000)
        let job = try job(nanosecondsPerRow: UInt64(Int(limit) + excess))
        #expect(brief.takes(job) == (excess <= 0))
        #expect(turn.endings.count == (excess <= 0 ? 1 : 0))
    }

    @Test(arguments: -1...1) func `the limit is that of all the turn's jobs`(excess: Int) throws {
        let first = try job(rows: 2, nanosecondsPerRow: 100_000)
        let second = try job(nanosecondsPerRow: UInt64(100_000 + excess))
        #expect(brief.takes(first))
        #expect(brief.takes(second) == (excess <= 0))
        #expect(turn.endings.count == 1, "one turn of the batcher takes them all")
    }

    @Test func `a job that is left to the batcher takes nothing of the turn`() throws {
        #expect(!brief.takes(try job(nanosecondsPerRow: limit + 1)))
        #expect(brief.takes(try job(nanosecondsPerRow: limit)))
        #expect(!brief.takes(try job(nanosecondsPerRow: 1)))
    }

    @Test func `each turn begins anew and makes one turn of the batcher`() throws {
        for count in 1...3 {
            #expect(brief.takes(try job(nanosecondsPerRow: limit)))
            #expect(turn.batcherTurns == count - 1)
            turn.end()
            #expect(turn.batcherTurns == count)
        }
        turn.end()
        #expect(turn.batcherTurns == 3, "nothing is owed without a job")
    }

    @Test func `a model that has not run is not brief`() throws {
        let model = try PredictionEncoderTests.served("digits-mhs")
        let job = PredictionJob.made(of: model, rows: 1)
        #expect(!brief.takes(job))
        #expect(turn.endings.isEmpty)
        model.pace.record([job], nanoseconds: 10_000)
        #expect(brief.takes(job))
    }
}
