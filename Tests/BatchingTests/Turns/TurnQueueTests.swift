import Testing

@testable import Batching

@Suite struct TurnQueueTests {
    private func world(
        clientRows: Int = 100, batch: Int = 8, delay: UInt64 = 0, runs: Int = 64,
        bytes: Int = .max
    ) -> TurnWorld {
        TurnWorld(
            TurnLimits(
                maxClientRows: clientRows, maxBatchRows: batch, maxBatchDelay: delay,
                quantum: 4 * millisecond, maxRuns: runs, maxRunBytes: bytes))
    }

    private func isAdmitted(_ admission: Admission) -> Bool {
        guard case .admitted = admission else { return false }
        return true
    }

    private func ticket(_ admission: Admission) throws -> Ticket {
        guard case .admitted(let ticket) = admission else { throw Refused() }
        return ticket
    }

    private struct Refused: Error {}

    @Test(arguments: [(59, true), (60, true), (61, false)])
    func `a client's rows have a limit of their own`(rows: Int, fits: Bool) {
        var world = world()
        for client in 1..<50 { world.submit(client, cost: 1, rows: 100) }
        #expect(isAdmitted(world.submit(0, cost: 7, rows: 40)))
        let admission = world.submit(0, cost: 1, rows: rows)
        #expect(isAdmitted(admission) == fits)
        if !fits {
            #expect(admission == .queueFull(waitingRows: 40, limit: 100, estimatedWait: 7))
        }
    }

    /// An entry of 10 behind one of 30, both of the client itself, is done at 40.
    @Test(arguments: [(39, false), (40, true), (41, true)])
    func `a deadline is out of reach of the client's own work`(deadline: UInt64, fits: Bool) {
        var world = world()
        for client in 1..<50 { world.submit(client, cost: 1_000_000) }
        world.submit(0, cost: 30)
        let admission = world.submit(0, cost: 10, deadline: deadline)
        #expect(isAdmitted(admission) == fits)
        if !fits { #expect(admission == .deadlineOutOfReach(estimatedWait: 30)) }
    }

    @Test func `what is left of its own batch counts, too`() {
        var world = world()
        world.submit(0, cost: 10 * millisecond)
        _ = world.step()
        #expect(world.now == 4 * millisecond)
        let admission = world.submit(0, cost: 1, deadline: 10 * millisecond)
        #expect(admission == .deadlineOutOfReach(estimatedWait: 6 * millisecond))
        #expect(isAdmitted(world.submit(0, cost: 1, deadline: 10 * millisecond + 1)))
    }

    @Test func `nothing and the past are refused`() {
        var world = world()
        world.advance(to: 5)
        #expect(world.submit(0, cost: 1, rows: 0) == .noRows)
        #expect(world.submit(0, cost: 1, deadline: 5) == .expired)
        #expect(isAdmitted(world.submit(0, cost: 1, deadline: 6)))
    }

    @Test func `short entries of one key run together, up to a batch`() {
        var world = world()
        for client in 0..<10 { world.submit(client, cost: 10, key: client == 3 ? 1 : 0) }
        #expect(world.step()?.map(\.client) == [0, 1, 2, 4, 5, 6, 7, 8])
        #expect(world.step()?.map(\.client) == [3])
        #expect(world.step()?.map(\.client) == [9])
        #expect(world.step() == nil)
    }

    @Test(arguments: [-1, 0, 1]) func `an entry over a quantum runs alone`(excess: Int) {
        var world = world()
        let cost = UInt64(Int(4 * millisecond) + excess)
        world.submit(0, cost: cost)
        world.submit(1, cost: 10)
        _ = world.step()
        #expect(world.slices[0].clients == (excess > 0 ? [0] : [0, 1]))
    }

    @Test func `an entry of which nothing is known runs alone`() {
        var world = world()
        world.submit(0, cost: 10, isKnown: false)
        for client in 1...2 { world.submit(client, cost: 10) }
        #expect(world.step()?.map(\.client) == [0])
        #expect(world.step()?.map(\.client) == [1, 2])
    }

    @Test(arguments: [(7, true), (8, true), (9, false)])
    func `an entry with more rows than a batch runs alone`(rows: Int, isShared: Bool) {
        var world = world(batch: 9)
        world.submit(0, cost: 10, rows: rows + 1)
        world.submit(1, cost: 10, rows: rows == 8 ? 0 : 1)
        world.submit(2, cost: 10, rows: 1)
        let first = world.step()?.map(\.client)
        #expect(first?.first == 0)
        if !isShared { #expect(first == [0]) }
    }

    @Test func `expired entries are returned, and never run`() throws {
        var world = world()
        world.submit(0, cost: 10 * millisecond)
        _ = world.step()
        world.submit(1, cost: 1, deadline: world.now + 1)
        world.submit(2, cost: 1)
        world.advance(to: world.now + 1)
        world.run()
        #expect(world.expired.map(\.client) == [1])
        #expect(Set(world.done.map(\.piece.client)) == [0, 2])
    }

    @Test func `an entry is taken back once, and not from a batch`() throws {
        var world = world()
        let first = try ticket(world.submit(0, cost: 10))
        let second = try ticket(world.submit(0, cost: 20))
        #expect(world.queue.cancel(second)?.cost == 20)
        #expect(world.queue.cancel(second) == nil)
        _ = world.step()
        #expect(world.queue.cancel(first) == nil)
        #expect(world.queue.waitingRows == 0)
        #expect(world.step() == nil)
    }

    /// A queue that is empty keeps nothing of the clients it had.
    @Test func `clients that have left are forgotten`() {
        var world = world()
        for client in 0..<1000 {
            world.submit(client, cost: 10)
            world.run()
        }
        #expect(world.queue.turns.lineSlots.isEmpty && world.queue.turns.lanes.isEmpty)
        #expect(world.queue.turns.lines.elements.count < 10)
    }

    @Test func `a lone entry waits for its delay, a full batch does not`() {
        var world = world(batch: 2, delay: 100)
        world.submit(0, cost: 10)
        guard case .wait(until: 100) = world.queue.next(now: 0) else {
            Issue.record("it does not wait")
            return
        }
        world.submit(1, cost: 10)
        #expect(world.step()?.count == 2)
        world.submit(0, cost: 10)
        world.advance(to: world.now + 100)
        #expect(world.step()?.count == 1)
    }

    @Test(arguments: 2...4) func `batches in progress have a limit, the last for short entries`(
        runs: Int
    ) {
        var world = world(runs: runs)
        for client in 0..<6 { world.submit(client, cost: 100 * millisecond) }
        world.run(atMost: 20)
        #expect(world.queue.runCount == runs - 1)
        world.submit(9, cost: 10)
        for _ in 0..<8 where !world.done.contains(where: { $0.piece.client == 9 }) {
            _ = world.step()
        }
        #expect(world.done.map(\.piece.client) == [9], "it did not wait for a long one's end")
        world.run()
        #expect(world.done.count == 7)
    }

    /// Three quarters of 100 bytes are for long entries.
    @Test(arguments: [(74, 1), (75, 1), (76, 0)])
    func `what half-done batches hold has a limit`(sum: Int, isBeside: Int) {
        var world = world(bytes: 100)
        world.submit(0, cost: 20 * millisecond, bytes: 40)
        world.submit(1, cost: 20 * millisecond, bytes: sum - 40)
        world.run(atMost: 4)
        #expect(world.queue.runCount == 1 + isBeside)
        world.run()
        #expect(world.done.count == 2)
    }

    @Test func `one batch may hold more than the limit`() {
        var world = world(bytes: 100)
        world.submit(0, cost: 20 * millisecond, bytes: 1000)
        world.run()
        #expect(world.done.count == 1)
    }

    @Test func `limits that would let nothing run are raised`() {
        let limits = TurnLimits(
            maxClientRows: 0, maxBatchRows: 0, quantum: 0, maxRuns: 0, maxRunBytes: 0)
        #expect(limits.maxClientRows == 1 && limits.maxBatchRows == 1 && limits.quantum == 1)
        #expect(limits.maxRuns == 2 && limits.maxRunBytes == 1)
        #expect(limits.quantum(clientCount: 0) == 1)
    }

    /// 60 ms a round: 8 ms up to seven clients, then shorter, and a quarter from thirty on.
    @Test func `many clients have shorter turns`() {
        let limits = TurnLimits(maxClientRows: 1, maxBatchRows: 1)
        let counts: [UInt64] = [0, 1, 7, 8, 20, 29, 30, 31, 1000]
        let turns = counts.map { limits.quantum(clientCount: $0) }
        let expected: [UInt64] = [
            8_000_000, 8_000_000, 8_000_000, 7_500_000, 3_000_000, 2_068_965, 2_000_000, 2_000_000,
            2_000_000,
        ]
        #expect(turns == expected)
    }
}
