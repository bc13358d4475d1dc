import Dispatch
import Synchronization
import Testing

@testable import Batching

/// The ends of slices that come before their time, or behind it.
@Suite(.timeLimit(.minutes(1))) struct SliceLengthTests {
    private let limits = TurnLimits(
        maxClientRows: 100, maxBatchRows: 8, quantum: 8 * millisecond)

    /// Half a quantum more, if the batch is expected to be done by then.
    @Test(arguments: [(0, true, 12), (1, true, 8), (0, false, 8)] as [(UInt64, Bool, UInt64)])
    func `a batch that is nearly done has the rest of its time`(
        excess: UInt64, isKnown: Bool, milliseconds: UInt64
    ) {
        var world = TurnWorld(limits)
        let most = limits.quantum + limits.quantum / 2
        world.submit(0, cost: most + excess, isKnown: isKnown)
        world.submit(1, cost: 1000 * millisecond)
        _ = world.step()
        #expect(world.now == milliseconds * millisecond)
    }

    /// The time that a batch had to finish in is its client's debt.
    @Test func `a client pays for what it had beyond its turn`() {
        var world = TurnWorld(limits)
        let most = limits.quantum + limits.quantum / 2
        for _ in 0..<200 {
            world.submit(0, cost: most)
            world.submit(0, cost: most)
            world.submit(1, cost: 1000 * millisecond)
            _ = world.step()
        }
        let (one, other) = (Double(world.got[0] ?? 0), Double(world.got[1] ?? 0))
        #expect(abs(one - other) <= Double(4 * limits.quantum), "\(one) \(other)")
    }

    /// With fifty clients a quantum is 2 ms, and half of it 1 ms.
    @Test(arguments: [(3000, 3), (3001, 2)] as [(UInt64, UInt64)])
    func `among many clients the rest is shorter, too`(microseconds: UInt64, slice: UInt64) {
        var world = TurnWorld(limits)
        for client in 0..<50 { world.submit(client, cost: microseconds * 1000, rows: 8) }
        _ = world.step()
        #expect(world.now == slice * millisecond)
    }

    @Test func `only a client that goes first overtakes, and only one that does not is overtaken`()
    {
        var world = TurnWorld(limits)
        world.submit(1, cost: 1000 * millisecond)
        #expect(!world.queue.isOvertaken)
        guard case .start(let id, _, _) = world.queue.next(now: 0) else {
            Issue.record("nothing runs")
            return
        }
        #expect(!world.queue.isOvertaken)
        world.submit(2, cost: millisecond)
        #expect(!world.queue.isOvertaken, "the first one goes first as well")
        world.queue.endSlice(id, elapsed: limits.quantum, isFinished: false)
        world.advance(to: limits.quantum)
        _ = world.step()
        #expect(world.done.map(\.piece.client) == [2])
        guard case .resume = world.queue.next(now: world.now) else {
            Issue.record("it does not go on")
            return
        }
        #expect(!world.queue.isOvertaken)
        let ticket = world.submit(3, cost: limits.quantum)
        #expect(world.queue.isOvertaken)
        // It has no work any more, and has it again.
        guard case .admitted(let ticket) = ticket else { return }
        #expect(world.queue.cancel(ticket) != nil && !world.queue.isOvertaken)
        world.submit(3, cost: limits.quantum)
        #expect(world.queue.isOvertaken)
    }

    /// Clients that go first are a quantum ahead, so that it is the turn of one that does not.
    @Test func `a turn that is due is not overtaken`() {
        var world = TurnWorld(limits)
        world.submit(0, cost: 1_000_000 * millisecond)
        for _ in 0..<2 { _ = world.step() }
        for client in 1...2 { world.submit(client, cost: limits.quantum, key: client) }
        _ = world.step()
        #expect(world.done.map(\.piece.client) == [1])
        guard case .resume(let id, _) = world.queue.next(now: world.now) else {
            Issue.record("the one that stays is not due")
            return
        }
        #expect(!world.queue.isOvertaken)
        world.queue.endSlice(id, elapsed: limits.quantum, isFinished: false)
        _ = world.step()
        #expect(world.done.map(\.piece.client) == [1, 2])
    }

    @Test func `where entries are delayed nobody overtakes`() {
        var world = TurnWorld(
            TurnLimits(maxClientRows: 100, maxBatchRows: 8, maxBatchDelay: 1, quantum: 100))
        world.submit(1, cost: 1000)
        world.advance(to: 1)
        for _ in 0..<2 { _ = world.step() }
        guard case .resume = world.queue.next(now: world.now) else {
            Issue.record("it does not go on")
            return
        }
        world.submit(2, cost: 10)
        #expect(!world.queue.isOvertaken)
    }

    /// A lone batch has slices of 8 ms, the first of which goes first. In the second, which began
    /// at 8 ms, another client comes, which waits for a quarter of a slice at most.
    @Test(
        arguments: [(3, 8), (8, 10), (9, 10), (10, 11), (13, 14)] as [(UInt64, UInt64)])
    func `the executor ends a slice early`(submission: UInt64, end: UInt64) {
        let time = Atomic<UInt64>(0)
        let started = Atomic<UInt64>(0)
        let isDone = DispatchSemaphore(value: 0)
        let submit = Mutex<(@Sendable () -> Void)?>(nil)
        let executor = TurnExecutor<Int, Turn>(
            limits: limits, label: "test", clock: { time.load(ordering: .sequentiallyConsistent) },
            makeTools: { $0 }, expire: { _ in },
            run: { _, entries, turn in
                if entries == [0] {
                    let now = time.load(ordering: .sequentiallyConsistent)
                    started.store(now, ordering: .sequentiallyConsistent)
                } else {
                    for block in 1...20 as ClosedRange<UInt64> {
                        turn.checkpoint()
                        if block - 1 == submission { submit.withLock { $0?() } }
                        time.store(block * millisecond, ordering: .sequentiallyConsistent)
                    }
                }
                isDone.signal()
            })
        submit.withLock { submit in
            submit = { [weak executor] in
                _ = executor?.submit(
                    0, key: 0, client: ClientID(0), size: EntrySize(rows: 1, expected: 1),
                    deadline: .max)
            }
        }
        _ = executor.submit(
            1, key: 0, client: ClientID(1), size: EntrySize(rows: 1, expected: nil), deadline: .max)
        for _ in 0..<2 { isDone.wait() }
        // A block that has begun is computed.
        #expect(started.load(ordering: .sequentiallyConsistent) == end * millisecond)
    }
}
