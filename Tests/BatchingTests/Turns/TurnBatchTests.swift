import Testing

@testable import Batching

/// The entries that run together.
@Suite struct TurnBatchTests {
    private func world(batch: Int = 8) -> TurnWorld {
        TurnWorld(
            TurnLimits(maxClientRows: 10_000, maxBatchRows: batch, quantum: 4 * millisecond))
    }

    /// Places of the entries of the next batch.
    private func next(_ world: inout TurnWorld) -> [Int]? { world.step()?.map(\.place) }

    @Test(arguments: [(5, [0, 1], 7), (6, [0, 1], 8), (7, [0], 2)])
    func `batch rows are limited exactly`(second: Int, places: [Int], rows: Int) {
        var world = world()
        world.submit(0, cost: 10, rows: 2)
        world.submit(0, cost: 10, rows: second)
        let batch = world.step()
        #expect(batch?.map(\.place) == places)
        #expect(batch?.reduce(0) { $0 + $1.rows } == rows)
    }

    @Test(arguments: [7, 8, 9, 50]) func `an entry is never split`(rows: Int) {
        var world = world()
        world.submit(0, cost: 10, rows: rows)
        #expect(world.step()?.map(\.rows) == [rows])
        #expect(world.queue.waitingRows == 0)
    }

    @Test func `a smaller entry does not overtake one of its client`() {
        var world = world()
        for rows in [5, 4, 1] { world.submit(0, cost: 10, rows: rows) }
        #expect(next(&world) == [0])
        #expect(next(&world) == [1, 2])
    }

    @Test func `an entry of another key ends what its client gives to a batch`() {
        var world = world()
        for key in [0, 1, 0] { world.submit(0, cost: 10, key: key) }
        #expect([next(&world), next(&world), next(&world)] == [[0], [1], [2]])
    }

    @Test func `entries of the key join from behind other keys of other clients`() {
        var world = world()
        for (client, key) in [0, 1, 0, 2, 1, 0].enumerated() {
            world.submit(client, cost: 10, key: key)
        }
        let batches = [world.step(), world.step(), world.step()].map { $0?.map(\.client) }
        #expect(batches == [[0, 2, 5], [1, 4], [3]])
    }

    /// However many another client has waiting, of the same key or of another: a quantum, and the
    /// batch that was begun at its end.
    @Test(arguments: [0, 1]) func `an entry waits for a quantum of another client`(key: Int) {
        var world = world(batch: 64)
        for _ in 0..<10_000 { world.submit(0, cost: 1000) }
        _ = world.step()
        world.submit(1, cost: 1000, key: key)
        let submitted = world.now
        while world.done.last(where: { $0.piece.client == 1 }) == nil { _ = world.step() }
        #expect(world.now - submitted <= world.queue.limits.quantum + 64_000)
        #expect(world.queue.waitingRows > 5000)
    }

    @Test func `a long entry that is taken back leaves no credit`() throws {
        var world = world(batch: 64)
        let long = world.submit(0, cost: 1000 * millisecond)
        for _ in 0..<200 {
            for client in 0...1 { world.submit(client, cost: millisecond) }
        }
        guard case .admitted(let ticket) = long else {
            Issue.record("refused")
            return
        }
        #expect(world.queue.cancel(ticket) != nil)
        for _ in 0..<50 { _ = world.step() }
        let got = (0...1).map { world.got[$0] ?? 0 }
        // Two quanta and an entry, as between any two clients.
        #expect(max(got[0], got[1]) - min(got[0], got[1]) <= 9 * millisecond, "\(got)")
    }

    /// Costs from 10 µs to 10 s beside each other, and one client or twenty that only send the
    /// dearest. The small client has all that it asks for within its own turns.
    @Test(arguments: [1, 20]) func `the dearest entries delay others by a slice`(attackers: Int) {
        var world = world(batch: 64)
        for attacker in 1...attackers {
            for _ in 0..<10 { world.submit(attacker, cost: 10_000 * millisecond, rows: 64) }
        }
        for _ in 0..<5 * attackers { _ = world.step() }
        var longest: UInt64 = 0
        for _ in 0..<50 {
            world.submit(0, cost: millisecond / 100)
            let submitted = world.now
            while world.done.last?.piece.client != 0 || (world.done.last?.at ?? 0) <= submitted {
                _ = world.step()
            }
            longest = max(longest, (world.done.last?.at ?? .max) - submitted)
            // It comes back when the round has been once around.
            for _ in 0..<attackers { _ = world.step() }
        }
        #expect(longest <= world.queue.limits.quantum + millisecond, "\(longest)")
    }
}
