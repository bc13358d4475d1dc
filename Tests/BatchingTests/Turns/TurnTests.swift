import Dispatch
import Foundation
import Synchronization
import Testing

@testable import Batching

@Suite(.timeLimit(.minutes(1))) struct TurnTests {
    private final class Clock: Sendable {
        let time = Atomic<UInt64>(0)
        var now: @Sendable () -> UInt64 { { self.time.load(ordering: .sequentiallyConsistent) } }
        func set(_ value: UInt64) { time.store(value, ordering: .sequentiallyConsistent) }
    }

    @Test func `work goes on until its slice is over`() {
        let clock = Clock()
        let asked = Mutex(0)
        let turn = Turn(clock: clock.now) { turn in
            asked.withLock { $0 += 1 }
            turn.setEnd(200)
            turn.resume()
            return true
        }
        turn.start(until: 100)
        clock.set(99)
        turn.checkpoint()
        #expect(asked.withLock { $0 } == 0)
        clock.set(100)
        turn.checkpoint()
        turn.checkpoint()
        #expect(asked.withLock { $0 } == 1)
        #expect(turn.pausedTime == 0)
    }

    @Test(arguments: [(99, 99), (100, 100), (101, 100)] as [(UInt64, UInt64)])
    func `a slice may end early, not late`(instant: UInt64, end: UInt64) {
        let clock = Clock()
        let asked = Mutex(0)
        let turn = Turn(clock: clock.now) { turn in
            asked.withLock { $0 += 1 }
            turn.resume()
            return true
        }
        turn.start(until: 100)
        turn.shorten(to: instant)
        clock.set(end - 1)
        turn.checkpoint()
        #expect(asked.withLock { $0 } == 0)
        clock.set(end)
        turn.checkpoint()
        #expect(asked.withLock { $0 } == 1)
    }

    /// Eight threads that work on a batch are all held up until its next slice.
    @Test func `all threads are held up, and go on together`() {
        let clock = Clock()
        let isPaused = DispatchSemaphore(value: 0)
        let turn = Turn(clock: clock.now) { turn in
            turn.pause()
            isPaused.signal()
            return false
        }
        turn.start(until: 100)
        clock.set(100)
        let passed = Mutex(0)
        let group = DispatchGroup()
        for _ in 0..<8 {
            group.enter()
            Thread.detachNewThread {
                // Before it is paused a thread may pass several times, after that none.
                while turn.pausedTime == 0 { turn.checkpoint() }
                passed.withLock { $0 += 1 }
                group.leave()
            }
        }
        isPaused.wait()
        #expect(passed.withLock { $0 } == 0)
        clock.set(150)
        turn.setEnd(1000)
        turn.resume()
        group.wait()
        #expect(passed.withLock { $0 } == 8)
        #expect(turn.pausedTime == 50)
        turn.start(until: 2000)
        #expect(turn.pausedTime == 0)
    }

    @Test func `a batch that was resumed before it was held up goes on`() {
        let clock = Clock()
        let turn = Turn(clock: clock.now) { turn in
            turn.pause()
            turn.setEnd(1000)
            turn.resume()
            return false
        }
        turn.start(until: 100)
        clock.set(100)
        turn.checkpoint()
    }
}
