import Dispatch
import Foundation
import Synchronization
import Testing

@testable import Batching

/// The executor with real threads. A piece of work is a number of blocks; each block moves the
/// clock, so that no test depends on how long anything takes.
@Suite(.timeLimit(.minutes(2))) struct TurnExecutorTests {
    private typealias Executor = TurnExecutor<Item, Turn>

    private struct Item: Sendable {
        let client: Int
        let blocks: Int
        var known = true
    }

    private final class World: Sendable {
        struct Record: Sendable {
            /// Clients of the batches that ended, in order.
            var done: [Int] = []
            var expired: [Int] = []
            /// Blocks computed between two changes of batch, at the most.
            var current: ObjectIdentifier?
            var streak = 0
            var longestStreak = 0
        }

        static let block: UInt64 = 1_000_000
        let time = Atomic<UInt64>(0)
        let record = Mutex(Record())
        let hasChanged = DispatchSemaphore(value: 0)
        /// Lets the first batch begin, where it is held.
        let mayBegin = DispatchSemaphore(value: 0)
        private let isHeld: Atomic<Bool>

        init(isHeld: Bool = false) { self.isHeld = Atomic(isHeld) }

        func makeExecutor(_ limits: TurnLimits) -> Executor {
            Executor(
                limits: limits, label: "test",
                clock: { self.time.load(ordering: .sequentiallyConsistent) },
                makeTools: { $0 },
                expire: { late in
                    self.record.withLock { $0.expired += late.map(\.client) }
                    for _ in late { self.hasChanged.signal() }
                },
                run: { _, items, turn in self.compute(items, turn) })
        }

        private func compute(_ items: [Item], _ turn: Turn) {
            if isHeld.exchange(false, ordering: .relaxed) { mayBegin.wait() }
            for _ in 0..<items.reduce(0, { $0 + $1.blocks }) {
                record.withLock { record in
                    let isSame = record.current == ObjectIdentifier(turn)
                    record.current = ObjectIdentifier(turn)
                    record.streak = isSame ? record.streak + 1 : 1
                    record.longestStreak = max(record.longestStreak, record.streak)
                }
                time.add(Self.block, ordering: .sequentiallyConsistent)
                turn.checkpoint()
            }
            record.withLock { $0.done += items.map(\.client) }
            for _ in items { hasChanged.signal() }
        }

        func awaitEnds(_ count: Int) {
            for _ in 0..<count { hasChanged.wait() }
        }
    }

    private func submit(
        _ item: Item, to executor: Executor, key: Int = 0, deadline: UInt64 = .max
    ) -> Admission {
        let expected = item.known ? UInt64(item.blocks) * World.block : nil
        return executor.submit(
            item, key: key, client: ClientID(item.client),
            size: EntrySize(rows: 1, expected: expected),
            deadline: deadline)
    }

    private let limits = TurnLimits(maxClientRows: 1000, maxBatchRows: 8)

    @Test func `a short entry does not wait for the end of a long one`() {
        let world = World(isHeld: true)
        let executor = world.makeExecutor(limits)
        for client in 1...3 { _ = submit(Item(client: client, blocks: 1000), to: executor) }
        _ = submit(Item(client: 0, blocks: 1), to: executor)
        world.mayBegin.signal()
        world.awaitEnds(4)
        #expect(world.record.withLock { $0.done.first } == 0)
        #expect(Set(world.record.withLock { $0.done }) == [0, 1, 2, 3])
    }

    /// Four blocks are a quantum, and a turn is over at the end of a block. The three have the same
    /// work, so none is left alone for more than a turn.
    @Test func `clients take turns`() {
        let world = World(isHeld: true)
        let executor = world.makeExecutor(limits)
        for client in 0..<4 { _ = submit(Item(client: client, blocks: 400), to: executor) }
        world.mayBegin.signal()
        world.awaitEnds(4)
        #expect(world.record.withLock { $0.longestStreak } <= 8)
        #expect(world.time.load(ordering: .relaxed) == 1600 * World.block)
    }

    @Test func `a lone batch is never held up`() {
        let world = World()
        let executor = world.makeExecutor(limits)
        _ = submit(Item(client: 0, blocks: 500), to: executor)
        world.awaitEnds(1)
        #expect(world.record.withLock { $0.longestStreak } == 500)
        // The batch is over for the executor behind the last that its work does.
        while executor.runCount > 0 { Thread.sleep(forTimeInterval: 0) }
        #expect(executor.waitingRows == 0)
    }

    @Test func `every entry of many threads reaches one handler`() {
        let world = World()
        let executor = world.makeExecutor(limits)
        let taken = Mutex(0)
        let admitted = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: 8) { client in
            for index in 0..<200 {
                let item = Item(
                    client: client, blocks: 1 + index % 7, known: index % 3 > 0)
                let admission = submit(item, to: executor, key: index % 2)
                guard case .admitted(let ticket) = admission else { continue }
                admitted.withLock { $0 += 1 }
                if index % 5 == 0, executor.cancel(ticket) != nil { taken.withLock { $0 += 1 } }
            }
        }
        let expected = admitted.withLock { $0 } - taken.withLock { $0 }
        world.awaitEnds(expected)
        #expect(admitted.withLock { $0 } == 1600)
        #expect(world.record.withLock { $0.done.count } == expected)
        #expect(executor.waitingRows == 0)
    }

    @Test func `an entry that expires behind a batch reaches its own handler`() {
        let world = World(isHeld: true)
        let executor = world.makeExecutor(limits)
        // Of which nothing is known, so that nothing is out of reach.
        _ = submit(Item(client: 0, blocks: 100, known: false), to: executor)
        _ = submit(Item(client: 1, blocks: 1, known: false), to: executor)
        let last = submit(
            Item(client: 0, blocks: 1, known: false), to: executor, deadline: 50 * World.block)
        guard case .admitted = last else {
            Issue.record("\(last)")
            return
        }
        world.mayBegin.signal()
        world.awaitEnds(3)
        let record = world.record.withLock { $0 }
        #expect(record.expired == [0] && record.done.sorted() == [0, 1])
    }

    @Test func `the executor goes when nobody needs it`() {
        weak var left: Executor?
        do {
            let world = World()
            let executor = world.makeExecutor(limits)
            _ = submit(Item(client: 0, blocks: 3), to: executor)
            world.awaitEnds(1)
            left = executor
        }
        // The last batch's queue may hold it for the rest of its call.
        while left != nil { Thread.sleep(forTimeInterval: 0) }
    }
}
