import Heads
import InferenceAPI
import Predictions
import Testing

@testable import Service

extension PredictionJob {
    /// A job whose features do not matter.
    static func made(of model: ServedModel, rows: Int, samples: Int = 1) -> PredictionJob {
        let options = RowOptions(
            topK: 1, sampleCount: samples, seed: 0, wantsProbabilities: false)
        return PredictionJob(
            model: model, form: .json,
            features: FeatureRows(width: model.model.head.summary.inputCount),
            rows: [RowOptions](repeating: options, count: rows), deadline: .max, admission: 0
        ) { _ in }
    }
}

/// What a job is expected to take, from what batches took.
@Suite struct ModelPaceTests {
    private let exact: ServedModel
    private let sampled: ServedModel

    init() throws {
        exact = try PredictionEncoderTests.served("digits-mhs")
        sampled = try PredictionEncoderTests.served("digits-hetxl")
    }

    @Test func `before a batch has run nothing is known`() {
        #expect(exact.pace.nanoseconds(for: .made(of: exact, rows: 1)) == .infinity)
    }

    /// Every number here is a small multiple of a power of two: there is nothing to round.
    @Test func `the first batch is taken at its word`() {
        exact.pace.record([.made(of: exact, rows: 3), .made(of: exact, rows: 5)], nanoseconds: 800)
        #expect(exact.pace.nanoseconds(for: .made(of: exact, rows: 1)) == 100)
        #expect(exact.pace.nanoseconds(for: .made(of: exact, rows: 7)) == 700)
    }

    @Test func `each further batch moves the average by a quarter`() {
        let job = PredictionJob.made(of: exact, rows: 1)
        var expected = [1024.0]
        for latest in [2048.0, 0, 4096] {
            expected.append(expected[expected.count - 1] * 0.75 + latest * 0.25)
        }
        for (latest, average) in zip([1024, 2048, 0, 4096] as [UInt64], expected) {
            exact.pace.record([job], nanoseconds: latest)
            #expect(exact.pace.nanoseconds(for: job) == average)
        }
    }

    /// The difference shrinks to 0.75^n of what it was; each step rounds twice, by half an ulp of
    /// the larger pace at most, and what it rounds shrinks with the rest: four halves in all for
    /// each rounding.
    @Test(arguments: [(1_000_000, 10), (10, 1_000_000)] as [(UInt64, UInt64)])
    func `a pace that changes is found again`(from: UInt64, to: UInt64) {
        let job = PredictionJob.made(of: exact, rows: 1)
        exact.pace.record([job], nanoseconds: from)
        var left = Double(max(from, to) - min(from, to))
        for _ in 0..<40 {
            exact.pace.record([job], nanoseconds: to)
            left *= 0.75
            let error = abs(exact.pace.nanoseconds(for: job) - Double(to))
            #expect(abs(error - left) <= 4 * Double(max(from, to)).ulp)
        }
        // 0.75^40 of a million is ten nanoseconds.
        #expect(abs(exact.pace.nanoseconds(for: job) - Double(to)) < 11)
    }

    @Test func `a head with noise goes by samples, another by rows`() {
        for (model, perUnit) in [(sampled, 2.0), (exact, 400.0)] {
            model.pace.record([.made(of: model, rows: 2, samples: 200)], nanoseconds: 800)
            let one = model.pace.nanoseconds(for: .made(of: model, rows: 1, samples: 1))
            #expect(one == perUnit)
            let many = model.pace.nanoseconds(for: .made(of: model, rows: 3, samples: 1000))
            #expect(many == (model === sampled ? 6000 : 1200))
        }
    }

    @Test func `a batch or a job without rows is no division by zero`() {
        exact.pace.record([], nanoseconds: 500)
        #expect(exact.pace.nanoseconds(for: .made(of: exact, rows: 1)) == 500)
        #expect(exact.pace.nanoseconds(for: .made(of: exact, rows: 0)) == 0)
    }

    /// A reload makes a new `ServedModel`, whose weights may be others: nothing is known of it.
    @Test func `a model that was loaded again starts anew`() throws {
        let service = try SharedService(ServiceOptions())
        let (old, new) = (service.served(exact.model), service.served(exact.model))
        old.pace.record([.made(of: old, rows: 1)], nanoseconds: 100)
        #expect(old.pace.nanoseconds(for: .made(of: old, rows: 1)) == 100)
        #expect(new.pace.nanoseconds(for: .made(of: new, rows: 1)) == .infinity)
    }
}
