import Dispatch
import Synchronization
import Testing

@testable import Batching

/// The executor's timer, by the kernel's clock, and what happens while nothing may run yet.
@Suite(.timeLimit(.minutes(1))) struct TurnExecutorDelayTests {
    private typealias Executor = TurnExecutor<Int, Turn>

    /// Batches in the order in which they ran, with the time at which each began.
    private final class Record: Sendable {
        let batches = Mutex<[(entries: [Int], at: UInt64)]>([])
        let hasRun = DispatchSemaphore(value: 0)
        let mayEnd = DispatchSemaphore(value: 0)

        func executor(
            delay: UInt64 = 0, rows: Int = 100, isHeld: Bool = false
        ) -> Executor {
            Executor(
                limits: TurnLimits(maxClientRows: rows, maxBatchRows: 8, maxBatchDelay: delay),
                label: "test", clock: { DispatchTime.now().uptimeNanoseconds },
                makeTools: { $0 }, expire: { _ in Issue.record("nothing is late") },
                run: { _, entries, _ in
                    let now = DispatchTime.now().uptimeNanoseconds
                    self.batches.withLock { $0.append((entries, now)) }
                    self.hasRun.signal()
                    if isHeld { self.mayEnd.wait() }
                })
        }
    }

    private let record = Record()

    private func submit(_ entry: Int, to executor: Executor, client: Int = 0) -> Admission {
        executor.submit(
            entry, key: 0, client: ClientID(client), size: EntrySize(rows: 1, expected: 1000),
            deadline: .max)
    }

    @Test func `a lone entry runs once its delay is over and not before`() {
        let delay: UInt64 = 3_000_000
        let executor = record.executor(delay: delay)
        let start = DispatchTime.now().uptimeNanoseconds
        _ = submit(7, to: executor)
        record.hasRun.wait()
        let batches = record.batches.withLock { $0 }
        #expect(batches.map(\.entries) == [[7]])
        #expect((batches.first?.at ?? 0) - start >= delay)
    }

    @Test func `a full batch does not wait for an hour`() {
        let executor = record.executor(delay: 3_600_000_000_000)
        for entry in 0..<8 { _ = submit(entry, to: executor) }
        record.hasRun.wait()
        #expect(record.batches.withLock { $0.map(\.entries) } == [Array(0..<8)])
    }

    @Test func `cancelled entries do not run`() {
        let executor = record.executor(delay: 3_600_000_000_000)
        for entry in 0..<7 {
            guard case .admitted(let ticket) = submit(entry, to: executor) else {
                Issue.record("refused")
                return
            }
            if entry % 2 == 0 { #expect(executor.cancel(ticket) == entry) }
        }
        #expect(executor.waitingRows == 3)
        for entry in 10..<15 { _ = submit(entry, to: executor) }
        record.hasRun.wait()
        #expect(record.batches.withLock { $0.map(\.entries) } == [[1, 3, 5, 10, 11, 12, 13, 14]])
    }

    @Test func `entries gather while a batch runs`() {
        let executor = record.executor(isHeld: true)
        _ = submit(0, to: executor)
        record.hasRun.wait()
        for entry in 1...3 { _ = submit(entry, to: executor, client: entry) }
        #expect(executor.waitingRows == 3 && executor.runningRows == 1)
        for _ in 0..<2 { record.mayEnd.signal() }
        record.hasRun.wait()
        #expect(record.batches.withLock { $0.map(\.entries) } == [[0], [1, 2, 3]])
    }

    @Test func `a client's full queue refuses, and loses nothing`() {
        let executor = record.executor(rows: 5, isHeld: true)
        _ = submit(0, to: executor)
        record.hasRun.wait()
        let admissions = (1...8).map { submit($0, to: executor) }
        let refused = admissions.count { admission in
            guard case .queueFull = admission else { return false }
            return true
        }
        #expect(refused == 3 && executor.waitingRows == 5)
        for _ in 0..<2 { record.mayEnd.signal() }
        record.hasRun.wait()
        #expect(record.batches.withLock { $0.map(\.entries) } == [[0], [1, 2, 3, 4, 5]])
    }
}
