import Heads
import InferenceAPI
import Predictions
import Testing

@testable import Service

/// The expected time of a job, from the time of batches.
@Suite struct RunTimeTests {
    private let runTime = RunTimePerRow()

    @Test func `before a batch has run nothing is known`() {
        #expect(runTime.nanoseconds(forUnits: 1) == .infinity)
    }

    /// Every number here is a small multiple of a power of two: there is nothing to round.
    @Test func `the first batch is taken at its word`() {
        runTime.record(units: 8, nanoseconds: 800)
        #expect(runTime.nanoseconds(forUnits: 1) == 100)
        #expect(runTime.nanoseconds(forUnits: 7) == 700)
    }

    @Test func `each further batch moves the average by a quarter`() {
        var expected = [1024.0]
        for latest in [2048.0, 0, 4096] {
            expected.append(expected[expected.count - 1] * 0.75 + latest * 0.25)
        }
        for (latest, average) in zip([1024, 2048, 0, 4096] as [UInt64], expected) {
            runTime.record(units: 1, nanoseconds: latest)
            #expect(runTime.nanoseconds(forUnits: 1) == average)
        }
    }

    /// The difference shrinks to 0.75^n of what it was; each step rounds twice, by half an ulp of
    /// the larger time at most, and what it rounds shrinks with the rest: four halves in all for
    /// each rounding.
    @Test(arguments: [(1_000_000, 10), (10, 1_000_000)] as [(UInt64, UInt64)])
    func `a run time that changes is found again`(from: UInt64, to: UInt64) {
        runTime.record(units: 1, nanoseconds: from)
        var left = Double(max(from, to) - min(from, to))
        for _ in 0..<40 {
            runTime.record(units: 1, nanoseconds: to)
            left *= 0.75
            let error = abs(runTime.nanoseconds(forUnits: 1) - Double(to))
            #expect(abs(error - left) <= 4 * Double(max(from, to)).ulp)
        }
        // 0.75^40 of a million is ten nanoseconds.
        #expect(abs(runTime.nanoseconds(forUnits: 1) - Double(to)) < 11)
    }

    @Test func `a head with noise goes by samples, another by rows`() throws {
        let sampled = try Requests.served("digits-hetxl")
        let exact = try Requests.served("digits-mhs")
        #expect(PredictionJob.made(of: sampled, rows: 2, samples: 200).units == 400)
        #expect(PredictionJob.made(of: exact, rows: 2, samples: 200).units == 2)
        #expect(PredictionJob.made(of: exact, rows: 0).units == 0)
    }

    @Test func `a batch or a job without rows is no division by zero`() {
        runTime.record(units: 0, nanoseconds: 500)
        #expect(runTime.nanoseconds(forUnits: 1) == 500)
        #expect(runTime.nanoseconds(forUnits: 0) == 0)
    }

    /// A reload makes a new `ServedModel`, whose weights may be others: nothing is known of it.
    @Test func `a model that was loaded again starts anew`() throws {
        let service = try SharedService(ServiceOptions(), routes: EndpointTable.labels)
        let model = try Requests.served("digits-mhs").model
        let (old, new) = (service.served(model), service.served(model))
        old.runTime.record(units: 1, nanoseconds: 100)
        #expect(old.runTime.nanoseconds(forUnits: 1) == 100)
        #expect(new.runTime.nanoseconds(forUnits: 1) == .infinity)
    }
}
