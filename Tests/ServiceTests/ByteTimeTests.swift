import Testing

@testable import Service

/// The expected time of work that goes by bytes.
@Suite struct ByteTimeTests {
    @Test func `before there was any work its start counts`() {
        let times = ByteTimes(start: 4)
        #expect(times.nanoseconds(bytes: 0) == 0)
        #expect(times.nanoseconds(bytes: 1000) == 4000)
    }

    /// Powers of two, so that there is nothing to round.
    @Test func `each piece of work moves the average by a quarter`() {
        let times = ByteTimes(start: 4)
        times.record(bytes: 8192, nanoseconds: 8 * 8192)
        #expect(times.nanoseconds(bytes: 1000) == 5000)
        times.record(bytes: 8192, nanoseconds: 8192)
        #expect(times.nanoseconds(bytes: 1000) == 4000)
    }

    @Test(arguments: -1...1) func `little work tells nothing`(excess: Int) {
        let times = ByteTimes(start: 4)
        times.record(bytes: ByteTimes.minBytes + excess, nanoseconds: 1 << 40)
        #expect((times.nanoseconds(bytes: 1) > 4) == (excess >= 0))
    }

    @Test func `extremes are no trap`() {
        let times = ByteTimes(start: 4)
        #expect(times.nanoseconds(bytes: .max) == .max)
        times.record(bytes: .max, nanoseconds: 0)
        times.record(bytes: ByteTimes.minBytes, nanoseconds: .max)
        #expect(times.nanoseconds(bytes: .max) == .max)
    }
}
