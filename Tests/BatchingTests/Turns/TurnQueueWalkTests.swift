import Fixtures
import Testing

@testable import Batching

/// Random walks over every operation. Each entry has one fate, each client's come out in order, and
/// the queue's counts are those of a plain list.
@Suite struct TurnQueueWalkTests {
    @Test(arguments: 0..<40) func `no entry is lost, doubled or out of order`(seed: Int) {
        var walk = Walk(seed: seed)
        for _ in 0..<4000 { walk.step() }
        walk.finish()
        #expect(walk.faults == [])
        #expect(walk.fates.count > 200 && walk.fates.allSatisfy { $0 == 1 })
    }
}

private struct Walk {
    struct Entry {
        let id: Int
        let client: Int
        let rows: Int
        let key: Int
        let deadline: UInt64
        let ticket: Ticket
    }

    var random: SeededRandom
    var now: UInt64 = 1000
    var queue: EntryQueue<Int>
    /// Entries that wait, in order of admission.
    var waiting: [Entry] = []
    /// Entries of batches in progress.
    var running: [RunID: [Entry]] = [:]
    var slice: RunID?
    /// The number of times that each admitted entry came out.
    var fates: [Int] = []
    var faults: [String] = []

    init(seed: Int) {
        random = SeededRandom(seed: UInt64(seed))
        queue = EntryQueue(
            limits: TurnLimits(
                maxClientRows: Int.random(in: 1...60, using: &random),
                maxBatchRows: Int.random(in: 1...16, using: &random),
                maxBatchDelay: [0, 1, 7, 40].randomElement(using: &random) ?? 0,
                quantum: UInt64.random(in: 1...50, using: &random),
                maxRuns: Int.random(in: 2...5, using: &random),
                maxRunBytes: Int.random(in: 1...200, using: &random)))
    }

    mutating func check(_ isRight: Bool, _ text: String) {
        if !isRight, faults.count < 10 { faults.append(text) }
    }

    mutating func step() {
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<4: admit()
        case 4: now += UInt64.random(in: 0...12, using: &random)
        case 5: cancel()
        case 6: endSlice(isFinished: Bool.random(using: &random))
        default: act()
        }
        let rows = waiting.reduce(0) { $0 + $1.rows }
        check(queue.waitingRows == rows, "rows: \(queue.waitingRows), not \(rows)")
        check(
            queue.turns.count == waiting.count,
            "entries: \(queue.turns.count), not \(waiting.count)")
        check(queue.runCount == running.count, "batches in progress")
        let current = slice.flatMap { running[$0] }?.reduce(0) { $0 + $1.rows } ?? 0
        check(queue.runningRows == current, "running rows: \(queue.runningRows), not \(current)")
    }

    private mutating func admit() {
        let (client, key) = (
            Int.random(in: 0..<4, using: &random), Int.random(in: 0..<3, using: &random)
        )
        let rows = Int.random(in: 0...9, using: &random)
        let deadline = now + UInt64.random(in: 0...400, using: &random)
        let expected = Bool.random(using: &random) ? UInt64.random(in: 0...99, using: &random) : nil
        let admission = queue.admit(
            fates.count, key: key, client: ClientID(client),
            size: EntrySize(
                rows: rows, expected: expected, bytes: Int.random(in: 0...99, using: &random)),
            deadline: deadline, now: now)
        let own = waiting.filter { $0.client == client }.reduce(0) { $0 + $1.rows }
        switch admission {
        case .admitted(let ticket):
            check(rows > 0 && deadline > now, "admitted nothing, or the past")
            check(own + rows <= queue.limits.maxClientRows, "admitted too much")
            waiting.append(
                Entry(
                    id: fates.count, client: client, rows: rows, key: key, deadline: deadline,
                    ticket: ticket))
            fates.append(0)
        case .queueFull(let waitingRows, let limit, _):
            check(waitingRows == own && limit == queue.limits.maxClientRows, "\(admission)")
            check(own + rows > limit, "refused what fits")
        case .expired: check(deadline <= now, "refused what is in time")
        case .noRows: check(rows == 0, "refused what has rows")
        case .deadlineOutOfReach(let wait): check(wait + (expected ?? 0) > deadline - now, "reach")
        }
    }

    private mutating func cancel() {
        guard let entry = waiting.randomElement(using: &random) else { return }
        check(queue.cancel(entry.ticket) == entry.id, "another entry was taken back")
        check(queue.cancel(entry.ticket) == nil, "taken back twice")
        take([entry.id])
    }

    /// Takes entries out of the list of those that wait; each has its fate.
    @discardableResult
    private mutating func take(_ ids: [Int]) -> [Entry] {
        ids.compactMap { id in
            guard let place = waiting.firstIndex(where: { $0.id == id }) else {
                faults.append("\(id) does not wait")
                return nil
            }
            fates[id] += 1
            return waiting.remove(at: place)
        }
    }

    private mutating func endSlice(isFinished: Bool) {
        guard let id = slice else { return }
        let elapsed = UInt64.random(in: 0...80, using: &random)
        now += elapsed
        queue.endSlice(id, elapsed: elapsed, isFinished: isFinished)
        slice = nil
        if isFinished { running[id] = nil }
    }

    private mutating func act() {
        switch queue.next(now: now) {
        case .expired(let ids):
            check(ids == ids.sorted() && !ids.isEmpty, "the late are in order of admission")
            for entry in take(ids) { check(entry.deadline <= now, "\(entry.id) is not late") }
        case .start(let id, let batch, _): start(id, batch)
        case .resume(let id, let slice):
            check(self.slice == nil && running[id] != nil, "resumed what does not wait")
            check(slice > 0, "a slice without time")
            self.slice = id
        case .wait(let instant): check(instant > now, "waits for the past")
        case .busy: check(slice != nil, "busy with nothing")
        case .idle: check(slice == nil && running.isEmpty, "idle with work in progress")
        }
    }

    private mutating func start(_ id: RunID, _ batch: Batch<Int>) {
        check(slice == nil, "two slices at once")
        let busy = Set(running.values.joined().map(\.client))
        for client in 0..<4 {
            let own = batch.entries.filter { entry in
                waiting.contains { $0.id == entry && $0.client == client }
            }
            let first = waiting.filter { $0.client == client }.prefix(own.count).map(\.id)
            check(own == first, "client \(client): \(own), not \(first)")
            check(own.isEmpty || !busy.contains(client), "two batches of a client at once")
        }
        let entries = take(batch.entries)
        check(entries.allSatisfy { $0.key == batch.key }, "entries of another key")
        let rows = entries.reduce(0) { $0 + $1.rows }
        check(rows == batch.rows, "the batch's rows")
        check(rows <= queue.limits.maxBatchRows || entries.count == 1, "too many rows")
        running[id] = entries
        slice = id
    }

    mutating func finish() {
        for _ in 0..<100_000 where !waiting.isEmpty || !running.isEmpty {
            now += 1
            if slice != nil { endSlice(isFinished: true) } else { act() }
        }
        check(waiting.isEmpty && running.isEmpty, "something never comes out")
        check(queue.waitingRows == 0 && queue.runningRows == 0, "the queue is not empty")
    }
}
