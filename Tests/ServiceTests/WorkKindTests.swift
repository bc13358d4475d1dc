import Heads
import InferenceAPI
import Predictions
import Testing

@testable import Service

/// The kinds of work, each with expected times of its own.
@Suite struct WorkKindTests {
    private static func options(
        samples: Int = 100, most: Int = 100_000, _ change: (inout RowOptions) -> Void = { _ in }
    ) -> RowOptions {
        var options = RowOptions(
            topK: 1, sampleCount: samples, maxSampleCount: most, seed: 0,
            wantsProbabilities: false)
        change(&options)
        return options
    }

    private static func summary(hasKnownLaw: Bool, isExact: Bool = false) -> HeadSummary {
        HeadSummary(
            kind: .hetXL, link: .sigmoid, output: .labelProbabilities, inputCount: 2,
            classCount: 3, factorCount: 1, defaultSampleCount: isExact ? nil : 10,
            hasKnownLaw: hasKnownLaw)
    }

    /// Points are rounded up to eight times a power of two; a law has none.
    @Test func `the kind of a row follows from its head and its estimator`() throws {
        for (choice, kind, samples) in [
            (EstimatorChoice.auto, RowWork.Kind.points, 128), (.only(.monteCarlo), .draws, 100),
            (.only(.quasiMonteCarlo), .points, 128),
        ] {
            let options = Self.options { $0.estimator = choice }
            let sampled = try #require(Self.summary(hasKnownLaw: false).work(of: options))
            #expect(sampled.kind == kind && sampled.sampleCount == samples)
            let law = try #require(Self.summary(hasKnownLaw: true).work(of: options))
            #expect(law.kind == (choice == .auto ? .law : kind))
            #expect(law.sampleCount == (choice == .auto ? 1 : samples))
            let exact = Self.summary(hasKnownLaw: false, isExact: true).work(of: options)
            #expect(exact?.kind == .law && exact?.sampleCount == 1)
        }
    }

    @Test(arguments: [(15, RowWork.Kind.draws, 15), (16, .points, 16), (17, .points, 16)])
    func `where points do not fit auto draws`(most: Int, kind: RowWork.Kind, samples: Int) throws {
        let options = Self.options(samples: most, most: most)
        let work = try #require(Self.summary(hasKnownLaw: false).work(of: options))
        #expect(work.kind == kind && work.sampleCount == samples)
    }

    /// Such a job has no expected time, and runs by itself.
    @Test func `some rows are not judged by others`() throws {
        let summary = Self.summary(hasKnownLaw: false)
        func isJudged(_ change: (inout RowDetails) -> Void) -> Bool {
            summary.work(of: Self.options { change(&$0.details) }) != nil
        }
        #expect(isJudged { _ in })
        #expect(isJudged { $0.labels = [Int](repeating: 0, count: 100) })
        #expect(!isJudged { $0.labels = [Int](repeating: 0, count: 101) })
        #expect(isJudged { $0.abstainBelow = 0.5 })
        #expect(!isJudged { $0.tolerance = 0.01 })
        #expect(!isJudged { $0.certifyDelta = 0.05 })
        #expect(!isJudged { $0.quantileLevels = [0.5] })
        #expect(!isJudged { $0.wantsHistogram = true })
        #expect(!isJudged { $0.wantsVoteShare = true })
    }

    @Test func `a kind's times tell nothing of another's`() throws {
        let model = try Requests.served("digits-hetxl")
        func job(_ choice: EstimatorChoice) -> PredictionJob {
            .made(of: model, options: [Self.options { $0.estimator = choice }])
        }
        model.runTimes[.draws].record(rows: 1, samples: 100, nanoseconds: 1000)
        #expect(job(.only(.monteCarlo)).expectedTime == 1000)
        #expect(job(.auto).expectedTime == nil && job(.auto).work != nil)
        model.runTimes[.points].record(rows: 1, samples: 128, nanoseconds: 3000)
        #expect(job(.only(.monteCarlo)).expectedTime == 1000)
        #expect(job(.auto).expectedTime == 3000)
        #expect(job(.only(.quasiMonteCarlo)).expectedTime == 3000)
    }

    @Test func `batches have one kind of work`() throws {
        let model = try Requests.served("digits-hetxl")
        let kinds: [EstimatorChoice] = [.auto, .only(.monteCarlo), .only(.quasiMonteCarlo), .auto]
        let jobs = kinds.map { choice in
            PredictionJob.made(of: model, options: [Self.options { $0.estimator = choice }])
        }
        let batches = InlineBatches.batches(of: jobs, maxRows: 8)
        #expect(batches.map(\.count) == [3, 1])
        let mixed = PredictionJob.made(
            of: model,
            options: [Self.options(), Self.options { $0.estimator = .only(.monteCarlo) }])
        #expect(mixed.work == nil && mixed.expectedTime == nil)
        let keys = Set((jobs + [mixed]).map(\.batchKey))
        #expect(keys.count == 3)
        #expect(!keys.contains(try other(than: model).batchKey))
    }

    private func other(than model: ServedModel) throws -> PredictionJob {
        let service = try SharedService(ServiceOptions(), routes: EndpointTable.labels)
        _ = service.served(model.model)
        return .made(of: service.served(model.model), options: [Self.options()])
    }

    @Test func `samples are those of all rows on average`() throws {
        let sampled = try Requests.served("digits-hetxl")
        let rows = [60, 500].map { samples in
            Self.options(samples: samples) { $0.estimator = .only(.monteCarlo) }
        }
        #expect(PredictionJob.made(of: sampled, options: rows).work?.sampleCount == 280)
        let exact = try Requests.served("digits-mhs")
        #expect(PredictionJob.made(of: exact, rows: 2, samples: 200).work?.sampleCount == 1)
        #expect(PredictionJob.made(of: exact, rows: 0).work?.sampleCount == 1)
    }
}
