import Dispatch
import Synchronization
import Testing

@testable import Batching
@testable import Service

/// The queues where a request in flight waits, and the work withdrawn when it is given up.
@Suite struct InFlightTests {
    /// A queue that notes the tickets that are withdrawn, by their numbers.
    private final class Withdrawals: WorkQueue {
        private let sequences = Mutex<[Int]>([])

        func withdraw(_ ticket: Ticket) {
            sequences.withLock { $0.append(Int(ticket.sequence)) }
        }

        var all: [Int] { sequences.withLock { $0 } }
    }

    private static func ticket(_ sequence: Int) -> Ticket {
        Ticket(sequence: UInt64(sequence), slot: 0)
    }

    /// An event in a request's life.
    private enum Event: CaseIterable {
        case reading, predicting, coding, cancel

        var stage: InFlight.Stage? {
            switch self {
            case .reading: .reading
            case .predicting: .predicting
            case .coding: .coding
            case .cancel: nil
            }
        }
    }

    /// Sequences of events in which the request is given up at most once.
    private static func sequences(_ count: Int) -> [[Event]] {
        guard count > 0 else { return [[]] }
        return sequences(count - 1).flatMap { first in Event.allCases.map { first + [$0] } }
            .filter { sequence in sequence.count { $0 == .cancel } <= 1 }
    }

    @Test func `stages follow each other in one order`() {
        #expect(InFlight.Stage.reading < .predicting)
        #expect(InFlight.Stage.predicting < .coding)
    }

    /// A place counts unless a later stage was reported before it. It is withdrawn when the request
    /// is given up while it is the latest that counts, or at once where that has happened.
    @Test(arguments: 0...5) func `every order of reports leads to the same rule`(count: Int) {
        for sequence in Self.sequences(count) {
            let queue = Withdrawals()
            let inFlight = Requests.inFlight()
            for (index, event) in sequence.enumerated() {
                if let stage = event.stage {
                    inFlight.wait(in: queue, Self.ticket(index), stage)
                } else {
                    inFlight.cancel()
                }
            }
            let counted = sequence.indices.filter { index in
                guard let stage = sequence[index].stage else { return false }
                return sequence[..<index].allSatisfy { ($0.stage ?? .reading) <= stage }
            }
            var withdrawn: [Int] = []
            if let cancel = sequence.firstIndex(of: .cancel) {
                withdrawn += counted.last { $0 < cancel }.map { [$0] } ?? []
                withdrawn += counted.filter { $0 > cancel }
            }
            #expect(queue.all == withdrawn, "\(sequence)")
            #expect(inFlight.stage == (sequence.compactMap(\.stage).max() ?? .reading))
            #expect(inFlight.isWanted == !sequence.contains(.cancel))
        }
    }

    @Test func `giving up where nothing waits is told to those who look`() {
        let inFlight = Requests.inFlight()
        #expect(inFlight.isWanted)
        inFlight.cancel()
        #expect(!inFlight.isWanted)
        inFlight.cancel()
        #expect(!inFlight.isWanted)
    }

    @Test func `an executor gives the entry back, or has run it`() {
        let run = Mutex<[Int]>([])
        let (mayBegin, hasRun) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let executor = TurnExecutor<Int, Turn>(
            limits: TurnLimits(maxClientRows: 3, maxBatchRows: 1), label: "test", clock: { 0 },
            makeTools: { $0 }, expire: { _ in },
            run: { _, entries, _ in
                mayBegin.wait()
                run.withLock { $0 += entries }
                hasRun.signal()
            })
        for entry in 0..<3 {
            let inFlight = Requests.inFlight()
            let admission = executor.submit(
                entry, key: 0, client: ClientID(number: 0), size: EntrySize(rows: 1, expected: 1),
                deadline: .max)
            guard case .admitted(let ticket) = admission else {
                Issue.record("there is room")
                return
            }
            inFlight.wait(in: executor, ticket, .predicting)
            if entry == 1 { inFlight.cancel() }
        }
        // The first runs; the second was given up.
        #expect(executor.waitingRows == 1)
        for _ in 0..<2 { mayBegin.signal() }
        for _ in 0..<2 { hasRun.wait() }
        #expect(run.withLock { $0 } == [0, 2])
    }

    @Test func `work that waits in no queue is only told that it is not wanted`() {
        let queue = Withdrawals()
        let inFlight = Requests.inFlight()
        inFlight.wait(in: queue, Self.ticket(0), .reading)
        inFlight.proceed(to: .predicting)
        #expect(inFlight.stage == .predicting)
        inFlight.cancel()
        #expect(queue.all.isEmpty && !inFlight.isWanted)
        inFlight.wait(in: queue, Self.ticket(1), .coding)
        inFlight.proceed(to: .predicting)
        #expect(inFlight.stage == .coding, "no later stage is replaced")
        #expect(queue.all == [1])
    }

    @Test func `notes of many threads are all kept`() {
        let inFlight = Requests.inFlight()
        DispatchQueue.concurrentPerform(iterations: 400) { index in
            inFlight.note { $0.model += "x" }
            _ = inFlight.context
            if index == 200 { inFlight.cancel() }
        }
        #expect(inFlight.context.model.utf8.count == 400)
        #expect(!inFlight.isWanted)
    }

    /// Two places and the end of each request, reported by several threads at once, and in every
    /// order where they keep apart.
    @Test func `threads that meet withdraw the place that counts once`() {
        let count = 300
        let queues = (0..<count).map { _ in Withdrawals() }
        let requests = (0..<count).map { _ in Requests.inFlight() }
        DispatchQueue.concurrentPerform(iterations: 3 * count) { index in
            let (request, queue) = (requests[index / 3], queues[index / 3])
            switch (index + index / 3) % 3 {
            case 0: request.wait(in: queue, Self.ticket(0), .reading)
            case 1: request.wait(in: queue, Self.ticket(1), .predicting)
            default: request.cancel()
            }
        }
        for (request, queue) in zip(requests, queues) {
            #expect(request.stage == .predicting)
            // The reading place is past, or was withdrawn before the other was known.
            #expect(queue.all.count { $0 == 1 } == 1)
            #expect(queue.all.count { $0 == 0 } <= 1)
        }
    }
}
