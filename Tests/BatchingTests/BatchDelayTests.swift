import Testing

@testable import Batching

@Suite struct BatchDelayTests {
    private func queue(batch: Int = 4) -> BatchQueue<String, Int, Int> {
        BatchQueue(
            limits: BatchLimits(
                maxQueueRows: 100, maxBatchRows: batch, maxBatchDelay: 50))
    }

    private func isRun(_ action: BatchAction<String, Int>) -> Bool {
        guard case .run = action else { return false }
        return true
    }

    private func waitEnd(_ action: BatchAction<String, Int>) -> UInt64? {
        guard case .wait(let until) = action else { return nil }
        return until
    }

    @Test func `a lone entry is held for the delay`() {
        var queue = queue()
        _ = queue.admit(0, key: "a", client: 0, rows: 1, deadline: 10_000, now: 100)
        #expect(waitEnd(queue.next(now: 100)) == 150)
        #expect(waitEnd(queue.next(now: 149)) == 150)
        #expect(isRun(queue.next(now: 150)))
    }

    @Test(arguments: [(2, false), (3, true), (4, true)])
    func `a batch worth of rows runs at once`(rows: Int, runs: Bool) {
        var queue = queue()
        _ = queue.admit(0, key: "a", client: 0, rows: 1, deadline: 10_000, now: 0)
        _ = queue.admit(1, key: "b", client: 0, rows: rows, deadline: 10_000, now: 0)
        #expect(isRun(queue.next(now: 0)) == runs)
    }

    /// Deadline 40 after arrival, so held until 20 after it, whoever stands in front.
    @Test func `company is not waited for until the deadline`() {
        var queue = queue()
        _ = queue.admit(0, key: "a", client: 0, rows: 1, deadline: 10_000, now: 100)
        _ = queue.admit(1, key: "b", client: 0, rows: 1, deadline: 140, now: 100)
        #expect(waitEnd(queue.next(now: 100)) == 120)
        #expect(isRun(queue.next(now: 120)))
    }

    @Test func `limits below one count as one`() {
        let limits = BatchLimits(maxQueueRows: 0, maxBatchRows: -3)
        #expect(limits.maxQueueRows == 1)
        #expect(limits.maxBatchRows == 1)
    }
}

@Suite struct EstimatedWaitTests {
    /// One batch of 4 rows took 400, so a row is expected to take 100.
    private func queueThatRan() -> BatchQueue<String, Int, Int> {
        var queue = BatchQueue<String, Int, Int>(
            limits: BatchLimits(maxQueueRows: 100, maxBatchRows: 4))
        _ = queue.admit(0, key: "a", client: 0, rows: 4, deadline: .max, now: 0)
        _ = queue.next(now: 0)
        queue.finish(now: 400)
        return queue
    }

    @Test func `nothing is refused before anything ran`() {
        var queue = BatchQueue<String, Int, Int>(
            limits: BatchLimits(maxQueueRows: 100, maxBatchRows: 4))
        for entry in 0..<100 {
            guard
                case .admitted = queue.admit(
                    entry, key: "a", client: entry, rows: 1, deadline: 1, now: 0)
            else {
                Issue.record("refused")
                return
            }
        }
    }

    @Test func `waiting and running rows count`() {
        var queue = queueThatRan()
        #expect(queue.estimatedWait(now: 400) == 0)
        _ = queue.admit(1, key: "a", client: 0, rows: 4, deadline: .max, now: 400)
        _ = queue.admit(2, key: "a", client: 0, rows: 3, deadline: .max, now: 400)
        #expect(queue.estimatedWait(now: 400) == 700)
        _ = queue.next(now: 400)
        #expect(queue.estimatedWait(now: 500) == 300 + 300)
        #expect(queue.estimatedWait(now: 5_000) == 300)
    }

    @Test(arguments: [(699, false), (700, true), (701, true)] as [(UInt64, Bool)])
    func `an entry that cannot make it is refused`(time: UInt64, isAdmitted: Bool) {
        var queue = queueThatRan()
        _ = queue.admit(1, key: "a", client: 0, rows: 7, deadline: .max, now: 400)
        let answer = queue.admit(2, key: "a", client: 0, rows: 1, deadline: 400 + time, now: 400)
        if case .admitted = answer {
            #expect(isAdmitted)
        } else {
            #expect(!isAdmitted)
            #expect(answer == .deadlineOutOfReach(estimatedWait: 700))
        }
    }

    /// The recurrence in Double: a ← a + (x − a) / 8.
    @Test func `the average moves by an eighth`() {
        var queue = queueThatRan()
        var average = 100.0
        var now: UInt64 = 400
        for cost in [50, 900, 3, 77] as [UInt64] {
            _ = queue.admit(1, key: "a", client: 0, rows: 2, deadline: .max, now: now)
            _ = queue.next(now: now)
            now += cost
            queue.finish(now: now)
            average += (Double(cost) / 2 - average) / 8
        }
        _ = queue.admit(1, key: "a", client: 0, rows: 10, deadline: .max, now: now)
        #expect(queue.estimatedWait(now: now) == UInt64((average * 10).rounded(.up)))
    }

    @Test func `a clock that jumps far ahead does not trap`() {
        var queue = queueThatRan()
        _ = queue.admit(1, key: "a", client: 0, rows: 1, deadline: .max, now: 400)
        _ = queue.next(now: 400)
        queue.finish(now: .max - 1)
        _ = queue.admit(2, key: "a", client: 0, rows: 99, deadline: .max, now: 400)
        #expect(queue.estimatedWait(now: 400) == .max)
    }
}
