import Dispatch
import Foundation
import Synchronization
import Testing

@testable import Batching

/// The clock the server hands in.
@Sendable private func monotonicNow() -> UInt64 { DispatchTime.now().uptimeNanoseconds }

/// A record of the handlers' calls, from any thread.
private final class Ledger: Sendable {
    struct Record: Sendable {
        var batches: [(key: Int, entries: [Int], start: UInt64)] = []
        var expired: [Int] = []
        var concurrentRuns = 0
        var sawOverlap = false
    }

    let record = Mutex(Record())

    func run(_ key: Int, _ entries: [Int]) {
        record.withLock {
            $0.concurrentRuns += 1
            if $0.concurrentRuns > 1 { $0.sawOverlap = true }
            $0.batches.append((key, entries, monotonicNow()))
        }
        record.withLock { $0.concurrentRuns -= 1 }
    }

    func batcher(rows: Int, batch: Int, delay: UInt64 = 0) -> Batcher<Int, Int, Int> {
        Batcher(
            limits: BatchLimits(
                maxQueueRows: rows, maxBatchRows: batch, maxBatchDelay: delay),
            clock: monotonicNow, expire: { late in self.record.withLock { $0.expired += late } },
            run: { self.run($0, $1) })
    }

    var entriesRun: [Int] { record.withLock { $0.batches.flatMap(\.entries) } }
}

/// A locked value that several escaping closures can hold.
private final class Shared<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>

    init(_ value: Value) {
        mutex = Mutex(value)
    }

    func withLock<Result: Sendable>(_ body: @Sendable (inout Value) -> Result) -> Result {
        mutex.withLock { value in
            var copy = value
            let result = body(&copy)
            value = copy
            return result
        }
    }
}

private final class ManualClock: Sendable {
    let time = Atomic<UInt64>(0)
}

/// Runs `body` on a thread of its own, as a submitter outside Swift's task pool would.
private func onThread(_ body: @escaping @Sendable () -> Void) async {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread {
            body()
            continuation.resume()
        }
    }
}

extension Batcher {
    /// Calls `completion` when all that was submitted before, with no delay, has run: its turn
    /// is on the serial queue, and ends with nothing left to do.
    fileprivate func afterTurn(_ completion: @escaping @Sendable () -> Void) {
        serial.async(execute: completion)
    }
}

private func finished(_ batcher: Batcher<Int, Int, Int>) async {
    await withCheckedContinuation { continuation in
        batcher.afterTurn { continuation.resume() }
    }
}

@Suite struct BatcherTests {
    @Test func `an entry without a turn waits for the turn its caller makes, on that thread`() {
        let threads = Mutex<[Thread]>([])
        let batcher = Batcher<Int, Int, Int>(
            limits: BatchLimits(maxQueueRows: 10, maxBatchRows: 10), clock: monotonicNow,
            expire: { _ in },
            run: { _, _ in threads.withLock { $0.append(Thread.current) } })
        for entry in 0..<2 {
            let admission = batcher.submit(
                entry, key: entry, client: 0, rows: 1, deadline: .max, withoutTurn: true)
            if case .admitted = admission { continue }
            Issue.record("\(admission)")
        }
        #expect(batcher.waitingRows == 2)
        batcher.runTurn()
        #expect(threads.withLock { $0 } == [Thread.current, Thread.current])
        #expect(batcher.waitingRows == 0)
        batcher.runTurn()
        #expect(threads.withLock { $0 }.count == 2)
    }

    @Test(arguments: 5...7)
    func `a borrowed turn takes six batches and leaves the rest to the queue's thread`(keys: Int) {
        let own = Mutex(0)
        let caller = ObjectIdentifier(Thread.current)
        let hasRun = DispatchSemaphore(value: 0)
        let batcher = Batcher<Int, Int, Int>(
            limits: BatchLimits(maxQueueRows: 100, maxBatchRows: 10), clock: monotonicNow,
            expire: { _ in },
            run: { _, _ in
                if ObjectIdentifier(Thread.current) == caller { own.withLock { $0 += 1 } }
                hasRun.signal()
            })
        for key in 0..<keys {
            _ = batcher.submit(key, key: key, client: 0, rows: 1, deadline: .max, withoutTurn: true)
        }
        batcher.runTurn()
        for _ in 0..<keys { hasRun.wait() }
        #expect(own.withLock { $0 } == min(keys, 6))
    }

    @Test(arguments: 1...20)
    func `a borrowed turn hands on what is too much for it`(keys: Int) async {
        let ledger = Ledger()
        let batcher = ledger.batcher(rows: 100, batch: 10)
        for key in 0..<keys {
            _ = batcher.submit(key, key: key, client: 0, rows: 1, deadline: .max, withoutTurn: true)
        }
        batcher.runTurn()
        await finished(batcher)
        #expect(ledger.entriesRun == Array(0..<keys))
        #expect(!ledger.record.withLock { $0.sawOverlap })
    }

    @Test func `a turn under way takes what is submitted without one`() async {
        let isRunning = DispatchSemaphore(value: 0)
        let mayEnd = DispatchSemaphore(value: 0)
        let seen = Mutex<[Int]>([])
        let batcher = Batcher<Int, Int, Int>(
            limits: BatchLimits(maxQueueRows: 10, maxBatchRows: 1), clock: monotonicNow,
            expire: { _ in },
            run: { _, entries in
                seen.withLock { $0 += entries }
                guard entries == [0] else { return }
                isRunning.signal()
                mayEnd.wait()
            })
        _ = batcher.submit(0, key: 0, client: 0, rows: 1, deadline: .max)
        isRunning.wait()
        _ = batcher.submit(1, key: 0, client: 0, rows: 1, deadline: .max, withoutTurn: true)
        batcher.runTurn()
        #expect(seen.withLock { $0 } == [0])
        mayEnd.signal()
        await finished(batcher)
        #expect(seen.withLock { $0 } == [0, 1])
    }

    static let submitters = 40
    static let entriesEach = 250

    static func rows(of entry: Int) -> Int { 1 + entry % 5 }

    /// Starts `submitters` threads that each hand in `entriesEach` entries, and gives back which
    /// entries were admitted.
    private func submitFromThreads(_ batcher: Batcher<Int, Int, Int>) async -> [Int] {
        let admitted = Shared<[Int]>([])
        await withTaskGroup(of: Void.self) { group in
            for submitter in 0..<Self.submitters {
                group.addTask {
                    await onThread {
                        for index in 0..<Self.entriesEach {
                            let entry = submitter * Self.entriesEach + index
                            let answer = batcher.submit(
                                entry, key: entry % 3, client: submitter,
                                rows: Self.rows(of: entry), deadline: .max)
                            if case .admitted = answer { admitted.withLock { $0.append(entry) } }
                        }
                    }
                }
            }
        }
        return admitted.withLock { $0 }
    }

    @Test func `every entry of many threads runs exactly once`() async {
        let ledger = Ledger()
        let batcher = ledger.batcher(rows: 1_000_000, batch: 64)
        let admitted = await submitFromThreads(batcher)
        await finished(batcher)
        #expect(admitted.count == Self.submitters * Self.entriesEach)
        #expect(ledger.entriesRun.sorted() == Array(0..<admitted.count))
        #expect(ledger.record.withLock { !$0.sawOverlap })
        #expect(batcher.waitingRows == 0)
        #expect(batcher.runningRows == 0)
    }

    /// At first nothing leaves the queue but one batch, then batches run while others submit.
    @Test func `a full queue refuses and loses nothing`() async {
        let ledger = Ledger()
        let isFull = DispatchSemaphore(value: 0)
        let batcher = Batcher<Int, Int, Int>(
            limits: BatchLimits(maxQueueRows: 40, maxBatchRows: 8), clock: monotonicNow,
            expire: { _ in },
            run: { key, entries in
                if ledger.record.withLock({ $0.batches.isEmpty }) { isFull.wait() }
                ledger.run(key, entries)
            })
        let first = await submitFromThreads(batcher)
        #expect(first.reduce(0) { $0 + Self.rows(of: $1) } <= 40 + 8)
        isFull.signal()
        let later = await submitFromThreads(batcher)
        await finished(batcher)
        #expect(ledger.entriesRun.sorted() == (first + later).sorted())
    }

    @Test func `batches keep their key and order of submission`() async {
        let ledger = Ledger()
        let batcher = ledger.batcher(rows: 10_000, batch: 16)
        for entry in 0..<1_000 {
            _ = batcher.submit(entry, key: entry % 3, client: 0, rows: 1, deadline: .max)
        }
        await finished(batcher)
        let batches = ledger.record.withLock { $0.batches }
        #expect(batches.allSatisfy { batch in batch.entries.allSatisfy { $0 % 3 == batch.key } })
        #expect(batches.allSatisfy { $0.entries.count <= 16 })
        for key in 0..<3 {
            let order = batches.filter { $0.key == key }.flatMap(\.entries)
            #expect(order == order.sorted())
        }
    }

    /// The handler of the first batch submits the rest itself, so they all wait when it returns.
    @Test func `entries gather while a batch runs`() async {
        let batches = Shared<[[Int]]>([])
        let holder = Shared<Batcher<Int, Int, Int>?>(nil)
        await withCheckedContinuation { continuation in
            let batcher = Batcher<Int, Int, Int>(
                limits: BatchLimits(maxQueueRows: 100, maxBatchRows: 4),
                clock: monotonicNow, expire: { _ in },
                run: { _, entries in
                    batches.withLock { $0.append(entries) }
                    guard entries == [0], let batcher = holder.withLock({ $0 }) else { return }
                    for entry in 1...6 {
                        _ = batcher.submit(entry, key: 0, client: 0, rows: 1, deadline: .max)
                    }
                    batcher.afterTurn { continuation.resume() }
                })
            holder.withLock { $0 = batcher }
            _ = batcher.submit(0, key: 0, client: 0, rows: 1, deadline: .max)
        }
        holder.withLock { $0 = nil }
        #expect(batches.withLock { $0 } == [[0], [1, 2, 3, 4], [5, 6]])
    }

    @Test func `a lone entry runs once its delay is over and not before`() async {
        let delay: UInt64 = 3_000_000
        let start = monotonicNow()
        let ran = await withCheckedContinuation { continuation in
            let batcher = Batcher<Int, Int, Int>(
                limits: BatchLimits(
                    maxQueueRows: 100, maxBatchRows: 64, maxBatchDelay: delay),
                clock: monotonicNow, expire: { _ in },
                run: { _, _ in continuation.resume(returning: monotonicNow()) })
            _ = batcher.submit(0, key: 0, client: 0, rows: 1, deadline: .max)
        }
        #expect(ran >= start + delay)
    }

    /// The first batch hands in an entry and takes longer than that entry has.
    @Test func `an entry that expires behind a batch reaches its own handler`() async {
        let ledger = Ledger()
        let clock = ManualClock()
        let holder = Shared<Batcher<Int, Int, Int>?>(nil)
        await withCheckedContinuation { continuation in
            let batcher = Batcher<Int, Int, Int>(
                limits: BatchLimits(maxQueueRows: 100, maxBatchRows: 4),
                clock: { clock.time.load(ordering: .relaxed) },
                expire: { late in ledger.record.withLock { $0.expired += late } },
                run: { key, entries in
                    ledger.run(key, entries)
                    guard entries == [0], let batcher = holder.withLock({ $0 }) else { return }
                    _ = batcher.submit(1, key: 0, client: 0, rows: 1, deadline: 50)
                    _ = batcher.submit(2, key: 0, client: 0, rows: 1, deadline: 51)
                    clock.time.store(50, ordering: .relaxed)
                    batcher.afterTurn { continuation.resume() }
                })
            holder.withLock { $0 = batcher }
            _ = batcher.submit(0, key: 0, client: 0, rows: 1, deadline: 100)
        }
        holder.withLock { $0 = nil }
        #expect(ledger.record.withLock { $0.expired } == [1])
        #expect(ledger.entriesRun == [0, 2])
    }

    @Test func `cancelled entries do not run`() async {
        let ledger = Ledger()
        let batcher = ledger.batcher(rows: 100, batch: 64, delay: 3_600_000_000_000)
        var tickets: [Ticket] = []
        for entry in 0..<3 {
            let answer = batcher.submit(entry, key: 0, client: 0, rows: 1, deadline: .max)
            if case .admitted(let ticket) = answer { tickets.append(ticket) }
        }
        #expect(tickets.count == 3)
        for (entry, ticket) in tickets.enumerated() {
            #expect(batcher.cancel(ticket) == entry)
            #expect(batcher.waitingRows == 2 - entry)
        }
        await finished(batcher)
        #expect(ledger.entriesRun == [])
    }
}
