import Testing

@testable import Sockets

@Suite struct TimerQueueTests {
    private func source(_ index: UInt32) -> SourceID { SourceID(index: index, generation: 0) }

    @Test func `timers are due in order, at their time and not before`() {
        var timers = TimerQueue()
        for (index, time) in [30, 10, 20].enumerated() {
            timers.set(source(UInt32(index)), at: UInt64(time))
        }
        #expect(timers.nextTime == 10)
        #expect(timers.popDue(now: 9) == nil)
        #expect(timers.popDue(now: 10) == source(1))
        #expect(timers.popDue(now: 10) == nil)
        #expect(timers.popDue(now: 30) == source(2))
        #expect(timers.popDue(now: 30) == source(0))
        #expect(timers.popDue(now: .max) == nil)
    }

    @Test func `a timer of a source that is gone is not the next one's of its index`() {
        var timers = TimerQueue()
        let next = SourceID(index: 3, generation: 1)
        timers.set(source(3), at: 10)
        timers.remove(source(3))
        #expect(timers.popDue(now: 10) == nil)
        timers.set(source(3), at: 15)
        timers.remove(source(3))
        timers.set(next, at: 20)
        timers.cancel(source(3))
        timers.remove(source(3))
        #expect(timers.popDue(now: 19) == nil)
        #expect(timers.popDue(now: 20) == next)
        #expect(timers.popDue(now: .max) == nil)
    }

    /// Against a table of deadlines that is searched in full.
    @Test(arguments: 0..<20) func `any sequence does what a plain table would`(seed: UInt64) {
        var state = seed &* 2_654_435_761 &+ 1
        func draw(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        var timers = TimerQueue()
        var table: [SourceID: UInt64] = [:]
        var now: UInt64 = 0
        for _ in 0..<2000 {
            let id = source(UInt32(draw(20)))
            switch draw(5) {
            case 0, 1:
                let time = now + draw(100)
                timers.set(id, at: time)
                table[id] = time
            case 2:
                timers.cancel(id)
                table[id] = nil
            case 3:
                timers.remove(id)
                table[id] = nil
            default:
                now += draw(30)
                var fired: Set<SourceID> = []
                while let due = timers.popDue(now: now) { fired.insert(due) }
                #expect(fired == Set(table.filter { $0.value <= now }.keys))
                table = table.filter { $0.value > now }
            }
            if let next = table.values.min() { #expect(timers.nextTime.map { $0 <= next } == true) }
        }
    }

    /// 64 stale entries are left alone, and one live entry a source: 66 for one source, plus the
    /// one that is being added.
    @Test func `timers set ever earlier do not pile up`() {
        var timers = TimerQueue()
        for time in (0..<100_000).reversed() { timers.set(source(0), at: UInt64(time)) }
        #expect(timers.entryCount <= 67)
        for index in 0..<1000 {
            timers.set(source(UInt32(index)), at: 5)
            timers.remove(source(UInt32(index)))
        }
        #expect(timers.entryCount <= 67)
    }

    @Test func `a deadline that keeps moving back costs one entry`() {
        var timers = TimerQueue()
        for time in 10..<10_000 { timers.set(source(0), at: UInt64(time)) }
        #expect(timers.entryCount == 1)
        #expect(timers.popDue(now: 9_998) == nil)
        #expect(timers.popDue(now: 9_999) == source(0))
    }
    @Test func `a stale entry that comes up is dropped, not renewed`() {
        var timers = TimerQueue()
        timers.set(source(0), at: 100)
        timers.set(source(0), at: 50)
        timers.set(source(0), at: 200)
        #expect(timers.popDue(now: 60) == nil)
        #expect(timers.popDue(now: 150) == nil)
        #expect(timers.entryCount == 1)
        #expect(timers.popDue(now: 200) == source(0))
    }
}
