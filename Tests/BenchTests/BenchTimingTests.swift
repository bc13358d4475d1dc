import Testing

@testable import Bench

@Suite struct BenchTimingTests {
    @Test func `quartiles lie on the calls, or between two of them`() {
        let five = BenchTiming(milliseconds: [1, 2, 3, 4, 6])
        #expect([0, 0.25, 0.5, 0.75, 1].map(five.quantile) == [1, 2, 3, 4, 6])
        // 0.9 · 4 = 3.6: six tenths of the way from 4 to 6.
        #expect(abs(five.quantile(0.9) - 5.2) < 1e-12)
        let four = BenchTiming(milliseconds: [1, 2, 4, 8])
        #expect([0.25, 0.5, 0.75].map(four.quantile) == [1.75, 3, 5])
        #expect(four.median == 3)
        let one = BenchTiming(milliseconds: [7])
        #expect([0, 0.25, 0.5, 0.99, 1].map(one.quantile) == [7, 7, 7, 7, 7])
    }

    @Test func `five calls are measured, after one to warm up, however long they take`() {
        var calls = 0
        let timing = BenchTiming.measure(seconds: 0) { calls += 1 }
        #expect(calls == 6)
        #expect(timing.milliseconds.count == 5)
        #expect(timing.milliseconds == timing.milliseconds.sorted())
        #expect(timing.milliseconds.allSatisfy { $0 >= 0 })
    }

    @Test func `calls go on until the time is over`() {
        let clock = ContinuousClock()
        let start = clock.now
        let timing = BenchTiming.measure(seconds: 0.01) {}
        #expect(start.duration(to: clock.now) >= .milliseconds(10))
        #expect(timing.milliseconds.count >= 5)
    }
}
