import Fixtures
import Testing

@testable import Batching

/// The shares and waits of clients whose entries cost from microseconds to minutes.
@Suite struct TurnFairnessTests {
    private let limits = TurnLimits(maxClientRows: 4096, maxBatchRows: 64)

    /// Clients that always have work get the same time, whatever their entries cost: from a tenth
    /// of a millisecond to a second. A client has got what its turns granted, and is less than a
    /// quantum and what slices took beyond their end away from it; numbers of turns differ by one,
    /// and each may have gone first once, which is two quanta more. Short entries run together
    /// with others' ahead of their turn, until their client is a quantum in debt; the last may be
    /// as long as a quantum.
    @Test(arguments: 0..<10) func `busy clients get the same time`(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        var world = TurnWorld(limits)
        world.overshoot = millisecond / 4
        let clients = 2 + seed
        let costs = (0..<clients).map { client in
            (0..<client % 5).reduce(millisecond / 10) { cost, _ in cost * 10 }
        }
        // Never less work than two turns may take, nor than two entries, so that none runs out.
        var waiting = [[UInt64]](repeating: [], count: clients)
        for _ in 0..<5000 {
            for client in 0..<clients {
                while waiting[client].count < 2
                    || waiting[client].reduce(0, +) < 3 * limits.quantum
                {
                    let cost = UInt64.random(in: costs[client]...2 * costs[client], using: &random)
                    world.submit(
                        client, cost: cost, key: client % 3,
                        isKnown: Int.random(in: 0..<10, using: &random) > 0)
                    waiting[client].append(cost)
                }
            }
            for piece in world.step() ?? [] { waiting[piece.client].removeFirst() }
        }
        let got = (0..<clients).map { world.got[$0] ?? 0 }
        let spread = (got.max() ?? 0) - (got.min() ?? 0)
        #expect(spread <= 6 * (limits.quantum + world.overshoot), "\(got)")
    }

    /// A short entry waits for the slice under way, and for nothing else: it goes first.
    @Test(arguments: [1, 2, 20, 200]) func `a short entry waits for one slice`(greedy: Int) {
        var world = TurnWorld(limits)
        world.overshoot = millisecond / 2
        for client in 1...greedy { world.submit(client, cost: 60_000 * millisecond, rows: 64) }
        for round in 0..<20 {
            // So long that each of the others has had a turn, at first behind its first.
            for _ in 0..<5 * (greedy + 2) { _ = world.step() }
            world.submit(0, cost: millisecond / 5)
            let submitted = world.now
            // A slice that is under way when the entry comes is over before anything is decided.
            _ = world.step()
            let last = world.done.last
            #expect(last?.piece.client == 0 && last?.piece.place == round)
            #expect((last?.at ?? .max) - submitted == millisecond / 5)
        }
    }

    /// The time of an entry beside clients that always have work: its share of the round, which
    /// is as much time of each of them as of its own, but for the first quantum, for which it does
    /// not wait.
    @Test(arguments: [0, 1, 5, 20]) func `an entry waits for its share`(greedy: Int) {
        var world = TurnWorld(limits)
        for client in 0..<greedy { world.submit(client + 1, cost: 600_000 * millisecond) }
        let cost = 16 * millisecond
        for _ in 0..<10 {
            world.run(atMost: 5 * greedy)
            world.submit(0, cost: cost)
            let submitted = world.now
            while world.done.last?.piece.client != 0 || (world.done.last?.at ?? 0) <= submitted {
                _ = world.step()
            }
            let time = (world.done.last?.at ?? .max) - submitted
            #expect(time <= UInt64(1 + greedy) * cost + limits.quantum)
        }
    }

    /// Each client comes anew for each entry, without end. The one that stays has half of the time.
    @Test func `new clients without end do not starve one that stays`() {
        var world = TurnWorld(limits)
        world.submit(0, cost: 1_000_000 * millisecond)
        for client in 1...2000 {
            world.submit(client, cost: millisecond / 2)
            if client > 2 { _ = world.step() }
        }
        let share = Double(world.got[0] ?? 0) / Double(world.now)
        #expect(share >= 0.45, "\(share)")
    }

    /// New clients join the batches of one that stays, without end. Another new one, whose entry is
    /// long, goes first all the same: what joiners take of others' turns puts nobody ahead.
    @Test func `joiners of others' turns do not hold up one that goes first`() {
        var world = TurnWorld(limits)
        for _ in 0..<4000 { world.submit(0, cost: millisecond) }
        var client = 1
        func join(_ world: inout TurnWorld) {
            for _ in 0..<3 where world.queue.runCount == 0 {
                client += 1
                world.submit(client, cost: millisecond)
            }
            _ = world.step()
        }
        for _ in 0..<100 { join(&world) }
        world.submit(1, cost: 100 * millisecond, key: 1)
        let submitted = world.now
        while world.got[1] == nil, world.now - submitted < 1000 * millisecond { join(&world) }
        // Those before it have a quantum together, and the one that stays has as much.
        #expect(world.now - submitted <= 6 * 4 * limits.quantum, "\(world.now - submitted)")
    }

    /// A client that asks for little at a time has the quantum with which it goes first bit by bit,
    /// and its turn behind all others when that is used up.
    @Test func `a first quantum may be used bit by bit`() {
        var world = TurnWorld(limits)
        for client in 1...20 { world.submit(client, cost: 1_000_000 * millisecond) }
        world.run(atMost: 200)
        var waits: [UInt64] = []
        while waits.count < 40 {
            world.submit(0, cost: millisecond / 2)
            let submitted = world.now
            while world.step()?.isEmpty != false {}
            waits.append(world.now - submitted)
        }
        // Nine halves of a millisecond are within a quantum; then all others have had a turn.
        let slow = waits.filter { $0 > millisecond / 2 }
        #expect(slow.count <= 40 / 8, "\(waits)")
        #expect(slow.allSatisfy { $0 <= 21 * limits.quantum })
    }

    /// Each entry takes a tenth of a quantum more than the one to go first and the one of a turn.
    /// The rest of the turn in which the first ends is there for the next nine.
    @Test func `what is left of a turn is not lost`() {
        var world = TurnWorld(limits)
        world.overshoot = millisecond / 4
        for client in 1...20 { world.submit(client, cost: 1_000_000 * millisecond) }
        world.run(atMost: 200)
        let quantum = limits.quantum(clientCount: 21)
        var rounds: [UInt64] = []
        while rounds.count < 40 {
            world.submit(0, cost: 2 * quantum + quantum / 10)
            let submitted = world.now
            while world.step()?.isEmpty != false {}
            rounds.append((world.now - submitted) / (20 * quantum))
            // The client is gone for a moment.
            _ = world.step()
        }
        #expect(rounds.filter { $0 > 1 }.count <= 5, "\(rounds)")
    }

    /// A client that comes back at once after each answer gets its share, and a quantum a round.
    @Test func `coming and going earns a quantum a round`() {
        var world = TurnWorld(limits)
        for client in 1...9 { world.submit(client, cost: 1_000_000 * millisecond) }
        world.submit(0, cost: millisecond)
        while world.now < 2000 * millisecond {
            for piece in world.step() ?? [] where piece.client == 0 {
                world.submit(0, cost: millisecond)
            }
        }
        let share = Double(world.got[0] ?? 0) / Double(world.now)
        #expect(share <= 2.0 / 11.0 + 0.01, "\(share)")
    }

    @Test func `a client's entries run in order, one batch at a time`() {
        var random = SeededRandom(seed: 1)
        var world = TurnWorld(limits)
        for _ in 0..<3000 {
            let cost = UInt64.random(in: 1...20, using: &random) * millisecond / 2
            world.submit(
                Int.random(in: 0..<5, using: &random), cost: cost,
                rows: Int.random(in: 1...100, using: &random),
                key: Int.random(in: 0..<2, using: &random))
            if Bool.random(using: &random) { _ = world.step() }
        }
        world.run()
        for client in 0..<5 {
            let places = world.done.filter { $0.piece.client == client }.map(\.piece.place)
            #expect(places == Array(0..<places.count))
        }
        #expect(world.queue.waitingRows == 0 && world.queue.runCount == 0)
    }
}
