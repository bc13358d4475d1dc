import Testing

@testable import Batching

/// The time that entries wait for others, and the instants at which they expire.
@Suite struct TurnDelayTests {
    private typealias Queue = EntryQueue<Int>

    private func queue(batch: Int = 4, delay: UInt64 = 50) -> Queue {
        Queue(
            limits: TurnLimits(maxClientRows: 100, maxBatchRows: batch, maxBatchDelay: delay))
    }

    @discardableResult
    private func admit(
        _ entry: Int, to queue: inout Queue, key: Int = 0, client: Int = 0, rows: Int = 1,
        deadline: UInt64 = 10_000, now: UInt64 = 0
    ) -> Admission {
        queue.admit(
            entry, key: key, client: ClientID(client), size: EntrySize(rows: rows, expected: 10),
            deadline: deadline, now: now)
    }

    private func entries(_ action: TurnAction<Int>) -> [Int]? {
        guard case .start(_, let batch, _) = action else { return nil }
        return batch.entries
    }

    private func waitEnd(_ action: TurnAction<Int>) -> UInt64? {
        guard case .wait(let until) = action else { return nil }
        return until
    }

    private func late(_ action: TurnAction<Int>) -> [Int]? {
        guard case .expired(let entries) = action else { return nil }
        return entries
    }

    @Test func `a lone entry is held for the delay`() {
        var queue = queue()
        admit(0, to: &queue, now: 100)
        #expect(waitEnd(queue.next(now: 100)) == 150)
        #expect(waitEnd(queue.next(now: 149)) == 150)
        #expect(entries(queue.next(now: 150)) == [0])
    }

    @Test(arguments: [(2, false), (3, true), (4, true)])
    func `a batch worth of rows runs at once`(rows: Int, runs: Bool) {
        var queue = queue()
        admit(0, to: &queue)
        admit(1, to: &queue, key: 1, client: 1, rows: rows)
        #expect((entries(queue.next(now: 0)) != nil) == runs)
    }

    /// Deadline 40 after arrival, so held until 20 after it, whoever stands in front.
    @Test func `company is not waited for until the deadline`() {
        var queue = queue()
        admit(0, to: &queue, now: 100)
        admit(1, to: &queue, key: 1, deadline: 140, now: 100)
        #expect(waitEnd(queue.next(now: 100)) == 120)
        #expect(entries(queue.next(now: 120)) != nil)
    }

    @Test func `what comes within the delay joins`() {
        var queue = queue()
        admit(0, to: &queue)
        admit(1, to: &queue, client: 1, now: 49)
        #expect(entries(queue.next(now: 50)) == [0, 1])
    }

    // MARK: Deadlines

    @Test(arguments: [(99, false), (100, true), (101, true)] as [(UInt64, Bool)])
    func `the deadline is the first instant that is too late`(now: UInt64, isLate: Bool) {
        var queue = queue(delay: 0)
        admit(0, to: &queue, deadline: 100)
        admit(1, to: &queue, client: 1)
        let action = queue.next(now: now)
        #expect(late(action) == (isLate ? [0] : nil))
        #expect(entries(action) == (isLate ? nil : [0, 1]))
        #expect(entries(queue.next(now: now)) == (isLate ? [1] : nil))
    }

    @Test(arguments: [(89, true), (90, true), (91, false), (100, false)] as [(UInt64, Bool)])
    func `an entry that arrives too late is refused`(now: UInt64, isAdmitted: Bool) {
        var queue = queue(delay: 0)
        let admission = admit(0, to: &queue, deadline: 100, now: now)
        if case .admitted = admission {
            #expect(isAdmitted)
        } else {
            #expect(!isAdmitted)
            #expect(admission == (now < 100 ? .deadlineOutOfReach(estimatedWait: 0) : .expired))
        }
        #expect(queue.waitingRows == (isAdmitted ? 1 : 0))
    }

    @Test func `entries expire while a batch runs, in order of admission`() throws {
        var queue = queue(batch: 1, delay: 0)
        for entry in 0..<4 {
            admit(entry, to: &queue, client: entry, deadline: [10_000, 300, 200, 10_000][entry])
        }
        guard case .start(let id, let batch, _) = queue.next(now: 0) else {
            Issue.record("nothing runs")
            return
        }
        #expect(batch.entries == [0])
        #expect(late(queue.next(now: 250)) == [2])
        guard case .busy = queue.next(now: 250) else {
            Issue.record("a slice is under way")
            return
        }
        #expect(late(queue.next(now: 300)) == [1])
        queue.endSlice(id, elapsed: 300, isFinished: true)
        #expect(entries(queue.next(now: 300)) == [3])
    }

    @Test func `a clock that jumps far ahead does not trap`() {
        var queue = queue()
        admit(0, to: &queue, deadline: .max)
        admit(1, to: &queue, client: 1, deadline: .max, now: .max - 100)
        guard case .start(let id, _, _) = queue.next(now: .max - 1) else {
            Issue.record("nothing runs")
            return
        }
        // An hour, for which both of them owe turns.
        queue.endSlice(id, elapsed: 3_600_000_000_000, isFinished: true)
        admit(2, to: &queue, deadline: .max, now: 0)
        #expect(late(queue.next(now: .max)) == [2])
        #expect(queue.waitingRows == 0)
    }
}
