import Heads
import Testing

@testable import Service

/// The expected time of a job, from the time of batches.
@Suite struct RunTimeTests {
    private let runTimes = RunTimes()

    @Test func `before a batch has run nothing is known`() {
        #expect(runTimes.nanoseconds(rows: 1, samples: 1) == nil)
        #expect(runTimes.nanoseconds(rows: 4096, samples: 100_000) == nil)
    }

    /// Every number here is a small multiple of a power of two: there is nothing to round.
    @Test func `the first batch is taken at its word, in proportion`() {
        runTimes.record(rows: 8, samples: 1, nanoseconds: 800)
        #expect(runTimes.nanoseconds(rows: 8, samples: 1) == 800)
        #expect(runTimes.nanoseconds(rows: 1, samples: 1) == 100)
        #expect(runTimes.nanoseconds(rows: 7, samples: 1) == 700)
        #expect(runTimes.nanoseconds(rows: 2, samples: 8) == 1600)
    }

    /// Up to two classes above: most of a small batch may be what every batch takes. Less work is
    /// judged by any.
    @Test(arguments: [
        (1, 16, true), (1, 31, true), (1, 32, true), (1, 63, true), (1, 64, false), (2, 31, true),
        (2, 32, false), (8, 4, true), (8, 8, false), (4096, 1000, false), (1, 1, true),
    ]) func `a batch does not tell about far more work`(rows: Int, samples: Int, tells: Bool) {
        runTimes.record(rows: 1, samples: 8, nanoseconds: 8)
        let expected = tells ? UInt64(rows * samples) : nil
        #expect(runTimes.nanoseconds(rows: rows, samples: samples) == expected)
        // Once more, now that it was looked for.
        #expect(runTimes.nanoseconds(rows: rows, samples: samples) == expected)
        runTimes.record(rows: 4096, samples: 100_000, nanoseconds: 4096 * 100_000)
        #expect(runTimes.nanoseconds(rows: rows, samples: samples) != nil)
    }

    @Test(arguments: [(7996, 2749), (8000, 2750), (8004, 2750), (1_000_000_000, 2750)])
    func `a batch that was held up counts eight times the average`(latest: UInt64, then: UInt64) {
        runTimes.record(rows: 1, samples: 1, nanoseconds: 1000)
        runTimes.record(rows: 1, samples: 1, nanoseconds: latest)
        #expect(runTimes.nanoseconds(rows: 1, samples: 1) == then)
    }

    @Test func `each further batch moves the average by a quarter`() {
        var expected = [1024.0]
        for latest in [2048.0, 0, 4096] {
            // A batch that took no time by the clock took one nanosecond.
            expected.append(expected[expected.count - 1] * 0.75 + max(latest, 1) * 0.25)
        }
        for (latest, average) in zip([1024, 2048, 0, 4096] as [UInt64], expected) {
            runTimes.record(rows: 1, samples: 1, nanoseconds: latest)
            #expect(runTimes.nanoseconds(rows: 1, samples: 1) == UInt64(average.rounded(.up)))
        }
    }

    /// A head whose weights are read once a batch: a row alone takes nearly as long as 64.
    @Test func `rows and samples have times of their own`() {
        runTimes.record(rows: 1, samples: 1, nanoseconds: 1000)
        runTimes.record(rows: 64, samples: 1, nanoseconds: 1280)
        runTimes.record(rows: 1, samples: 1024, nanoseconds: 102_400)
        #expect(runTimes.nanoseconds(rows: 1, samples: 1) == 1000)
        #expect(runTimes.nanoseconds(rows: 64, samples: 1) == 1280)
        #expect(runTimes.nanoseconds(rows: 1, samples: 1024) == 102_400)
        // The nearest class that is known: 2 rows are near 1, 32 are near 64.
        #expect(runTimes.nanoseconds(rows: 2, samples: 1) == 2000)
        #expect(runTimes.nanoseconds(rows: 32, samples: 1) == 640)
        #expect(runTimes.nanoseconds(rows: 2, samples: 1024) == 204_800)
    }

    /// Classes are powers of two: 127 and 64 are of one, 128 is of the next.
    @Test(arguments: [(64, 127), (128, 255)]) func `a class spans a factor of two`(
        first: Int, last: Int
    ) {
        runTimes.record(rows: 64, samples: 1, nanoseconds: 64)
        runTimes.record(rows: 128, samples: 1, nanoseconds: 256)
        let perRow: UInt64 = first == 64 ? 1 : 2
        for rows in [first, last] {
            #expect(runTimes.nanoseconds(rows: rows, samples: 1) == UInt64(rows) * perRow)
        }
    }

    @Test func `extremes are no trap`() {
        runTimes.record(rows: 0, samples: 0, nanoseconds: .max)
        #expect(runTimes.nanoseconds(rows: 4, samples: 1) == .max)
        #expect(runTimes.nanoseconds(rows: .max, samples: .max) == nil)
        #expect(runTimes.nanoseconds(rows: 0, samples: 1) == 0)
        runTimes.record(rows: .max, samples: .max, nanoseconds: 0)
        #expect((runTimes.nanoseconds(rows: .max, samples: .max) ?? .max) < .max)
    }

    /// A reload makes a new `ServedModel`, whose weights may be others: nothing is known of it.
    @Test func `a model that was loaded again starts anew`() throws {
        let service = try SharedService(ServiceOptions(), routes: EndpointTable.labels)
        let model = try Requests.served("digits-mhs").model
        let (old, new) = (service.served(model), service.served(model))
        old.runTimes[.law].record(rows: 1, samples: 1, nanoseconds: 100)
        #expect(old.runTimes[.law].nanoseconds(rows: 1, samples: 1) == 100)
        #expect(new.runTimes[.law].nanoseconds(rows: 1, samples: 1) == nil)
    }
}
