import Glibc
import Synchronization
import Testing

@testable import LogitKernels

/// The number of runs of each index.
private final class Tally: Sendable {
    private final class Count: Sendable {
        let value = Atomic(0)
    }

    private let counts: [Count]

    init(_ count: Int) { counts = (0..<count).map { _ in Count() } }

    func note(_ index: Int) { counts[index].value.add(1, ordering: .relaxed) }

    var all: [Int] { counts.map { $0.value.load(ordering: .relaxed) } }
}

/// The thread that asks.
private struct WorkerIdentity: Hashable {
    let thread: pthread_t
    static var current: WorkerIdentity { WorkerIdentity(thread: pthread_self()) }
}

@Suite(.timeLimit(.minutes(2))) struct ComputePoolTests {
    @Test(arguments: [1, 2, 3, 8], [0, 1, 2, 3, 1000])
    func `every index runs exactly once`(threads: Int, count: Int) {
        let pool = ComputePool(threadCount: threads)
        let tally = Tally(count)
        pool.forEach(count) { tally.note($0) }
        #expect(tally.all.allSatisfy { $0 == 1 })
    }

    @Test func `a pool serves many calls in a row`() {
        let pool = ComputePool(threadCount: 3)
        let tally = Tally(5)
        for _ in 0..<2000 { pool.forEach(5) { tally.note($0) } }
        #expect(tally.all == [2000, 2000, 2000, 2000, 2000])
    }

    /// Three bodies that wait for each other can only return when three threads run them.
    @Test func `all threads work at once`() {
        let pool = ComputePool(threadCount: 3)
        #expect(pool.threadCount == 3)
        let arrived = Atomic(0)
        pool.forEach(3) { _ in
            arrived.add(1, ordering: .relaxed)
            while arrived.load(ordering: .relaxed) < 3 {}
        }
        #expect(arrived.load(ordering: .relaxed) == 3)
    }

    @Test func `nested calls run on their caller`() {
        let pool = ComputePool(threadCount: 3)
        let tally = Tally(20 * 10)
        pool.forEach(20) { outer in
            pool.forEach(10) { tally.note(outer * 10 + $0) }
        }
        #expect(tally.all.allSatisfy { $0 == 1 })
    }

    @Test func `calls from several threads do not mix`() {
        let pool = ComputePool(threadCount: 3)
        let tallies = (0..<4).map { _ in Tally(17) }
        let callers = tallies.compactMap { tally in
            WorkerThread {
                for _ in 0..<200 { pool.forEach(17) { tally.note($0) } }
            }
        }
        #expect(callers.count == 4)
        for caller in callers { caller.join() }
        #expect(tallies.allSatisfy { $0.all == Array(repeating: 200, count: 17) })
    }

    @Test(arguments: [(1, false), (3, false), (3, true)])
    func `every body is followed by a checkpoint on its thread`(threads: Int, isSmall: Bool) {
        let passed = Mutex<[WorkerIdentity: Int]>([:])
        let ran = Mutex<[WorkerIdentity: Int]>([:])
        let pool = ComputePool(threadCount: threads) {
            passed.withLock { $0[.current, default: 0] += 1 }
        }
        pool.forEach(100, isSmall: isSmall) { _ in
            ran.withLock { $0[.current, default: 0] += 1 }
        }
        #expect(passed.withLock { $0 } == ran.withLock { $0 })
        #expect(ran.withLock { $0.values.reduce(0, +) } == 100)
    }

    /// A call returns only when threads that are held up have gone on.
    @Test func `threads that are held up at a checkpoint hold up their call alone`() {
        let isHeld = Atomic(true)
        let arrived = Atomic(0)
        let held = ComputePool(threadCount: 2) {
            arrived.add(1, ordering: .relaxed)
            while isHeld.load(ordering: .relaxed) { usleep(1000) }
        }
        let isDone = Atomic(false)
        let caller = WorkerThread {
            held.forEach(4) { _ in }
            isDone.store(true, ordering: .releasing)
        }
        while arrived.load(ordering: .relaxed) < 2 { usleep(1000) }
        let tally = Tally(50)
        ComputePool(threadCount: 2).forEach(50) { tally.note($0) }
        #expect(tally.all.allSatisfy { $0 == 1 })
        let isDoneEarly = isDone.load(ordering: .acquiring)
        #expect(!isDoneEarly)
        isHeld.store(false, ordering: .relaxed)
        caller?.join()
        let isDoneAtLast = isDone.load(ordering: .acquiring)
        #expect(isDoneAtLast)
    }

    /// A thread holds the crew until it ends, so that joined threads leave nobody who does.
    @Test func `the last reference joins the threads`() {
        for _ in 0..<50 {
            var pool: ComputePool? = ComputePool(threadCount: 4)
            weak let crew = pool?.crew
            pool?.forEach(4) { _ in }
            #expect(crew != nil)
            pool = nil
            #expect(crew == nil)
        }
    }
}
