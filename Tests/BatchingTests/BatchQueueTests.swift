import Testing

@testable import Batching

private typealias Queue = BatchQueue<String, Int, Int>

/// Unpacks a batch; nil for every other action.
private func batch(_ action: BatchAction<String, Int>) -> Batch<String, Int>? {
    guard case .run(let batch) = action else { return nil }
    return batch
}

private func ticket(_ admission: Admission) -> Ticket? {
    guard case .admitted(let ticket) = admission else { return nil }
    return ticket
}

@Suite struct BatchQueueTests {
    private func queue(rows: Int = 100, batch: Int = 8, delay: UInt64 = 0) -> Queue {
        Queue(
            limits: BatchLimits(
                maxQueueRows: rows, maxBatchRows: batch, maxBatchDelay: delay))
    }

    @Test(arguments: [(3, true), (4, true), (5, false)])
    func `queue rows are limited exactly`(rows: Int, fits: Bool) {
        var queue = queue(rows: 10)
        #expect(ticket(queue.admit(0, key: "a", client: 0, rows: 6, deadline: 9, now: 0)) != nil)
        let answer = queue.admit(1, key: "b", client: 1, rows: rows, deadline: 9, now: 0)
        #expect((ticket(answer) != nil) == fits)
        if !fits {
            #expect(answer == .queueFull(waitingRows: 6, limit: 10, estimatedWait: 0))
        }
        #expect(queue.waitingRows == (fits ? 6 + rows : 6))
    }

    @Test(arguments: [(5, [0, 1], 7), (6, [0, 1], 8), (7, [0], 2)])
    func `batch rows are limited exactly`(second: Int, entries: [Int], rows: Int) {
        var queue = queue()
        _ = queue.admit(0, key: "a", client: 0, rows: 2, deadline: 9, now: 0)
        _ = queue.admit(1, key: "a", client: 0, rows: second, deadline: 9, now: 0)
        let first = batch(queue.next(now: 1))
        #expect(first?.entries == entries)
        #expect(first?.rows == rows)
        #expect(queue.runningRows == rows)
        #expect(queue.waitingRows == 2 + second - rows)
    }

    @Test(arguments: [7, 8, 9, 50])
    func `an entry is never split`(rows: Int) {
        var queue = queue()
        _ = queue.admit(0, key: "a", client: 0, rows: rows, deadline: 9, now: 0)
        _ = queue.admit(1, key: "a", client: 0, rows: 8, deadline: 9, now: 0)
        let first = batch(queue.next(now: 1))
        #expect(first?.entries == [0])
        #expect(first?.rows == rows)
    }

    @Test func `a smaller entry does not overtake one of its key`() {
        var queue = queue()
        for (entry, rows) in [5, 4, 1].enumerated() {
            _ = queue.admit(entry, key: "a", client: 0, rows: rows, deadline: 9, now: 0)
        }
        #expect(batch(queue.next(now: 1))?.entries == [0])
        queue.finish(now: 1)
        #expect(batch(queue.next(now: 1))?.entries == [1, 2])
    }

    @Test func `entries of the key join from behind other keys`() {
        var queue = queue()
        for (entry, key) in ["a", "b", "a", "c", "b", "a"].enumerated() {
            _ = queue.admit(entry, key: key, client: 0, rows: 1, deadline: 9, now: 0)
        }
        var batches: [[Int]] = []
        while let next = batch(queue.next(now: 1)) {
            batches.append(next.entries)
            queue.finish(now: 1)
        }
        #expect(batches == [[0, 2, 5], [1, 4], [3]])
    }

    /// 1,000 rounds of a key that always has a full batch waiting, now and then another key.
    @Test func `a busy key does not starve another`() {
        var queue = queue()
        var rounds: [Int] = []
        for round in 0..<1_000 {
            while queue.waitingRows < 50 {
                _ = queue.admit(0, key: "busy", client: 0, rows: 4, deadline: .max, now: 0)
            }
            if round % 10 == 0 {
                _ = queue.admit(round, key: "rare", client: 0, rows: 1, deadline: .max, now: 0)
            }
            let next = batch(queue.next(now: 0))
            queue.finish(now: 0)
            if next?.key == "rare" { rounds.append(round - (next?.entries.first ?? .min)) }
        }
        // At most 13 entries of 4 rows stand in front, and a batch of 8 rows takes two of them.
        #expect(rounds.count >= 98)
        #expect(rounds.allSatisfy { $0 <= 7 })
    }

    @Test(arguments: [(99, false), (100, true), (101, true)] as [(UInt64, Bool)])
    func `the deadline is the first instant that is too late`(now: UInt64, isLate: Bool) {
        var queue = queue()
        _ = queue.admit(7, key: "a", client: 0, rows: 3, deadline: 100, now: 0)
        switch queue.next(now: now) {
        case .expired(let entries):
            #expect(isLate)
            #expect(entries == [7])
            #expect(queue.waitingRows == 0)
        case .run(let batch):
            #expect(!isLate)
            #expect(batch.entries == [7])
        default: Issue.record("neither expired nor run")
        }
    }

    @Test(arguments: [(99, true), (100, false), (101, false)] as [(UInt64, Bool)])
    func `an entry that arrives too late is refused`(now: UInt64, isAdmitted: Bool) {
        var queue = queue()
        let answer = queue.admit(7, key: "a", client: 0, rows: 3, deadline: 100, now: now)
        #expect((ticket(answer) != nil) == isAdmitted)
        if !isAdmitted { #expect(answer == .expired) }
    }

    @Test(arguments: [-1, 0])
    func `an entry without rows is refused`(rows: Int) {
        var queue = queue()
        #expect(queue.admit(7, key: "a", client: 0, rows: rows, deadline: 9, now: 0) == .noRows)
    }

    @Test func `entries expire while a batch runs`() {
        var queue = queue()
        _ = queue.admit(0, key: "a", client: 0, rows: 1, deadline: 100, now: 0)
        _ = queue.next(now: 0)
        _ = queue.admit(1, key: "a", client: 0, rows: 1, deadline: 50, now: 0)
        guard case .expired(let late) = queue.next(now: 50) else {
            Issue.record("not expired")
            return
        }
        #expect(late == [1])
        guard case .busy = queue.next(now: 50) else {
            Issue.record("not busy")
            return
        }
    }

    @Test func `cancelling works once and only before the batch`() throws {
        var queue = queue(batch: 1)
        let tickets = (0..<3).compactMap {
            ticket(queue.admit($0, key: "a", client: 0, rows: 1, deadline: 9, now: 0))
        }
        try #require(tickets.count == 3)
        #expect(queue.cancel(tickets[1]) == 1)
        #expect(queue.cancel(tickets[1]) == nil)
        #expect(queue.waitingRows == 2)
        #expect(batch(queue.next(now: 1))?.entries == [0])
        #expect(queue.cancel(tickets[0]) == nil)
        queue.finish(now: 1)
        #expect(batch(queue.next(now: 1))?.entries == [2])
    }
}
