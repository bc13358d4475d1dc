import Fixtures
import Glibc
import LogitKernels
import Predictions
import Synchronization
import Testing

@testable import Heads

/// Samples that end before all are drawn: at a tolerance, or when the leader is proven.
@Suite struct SamplingGoalTests {
    private static let width = MadeHead.features

    private static func options(
        _ estimator: EstimatorChoice, samples: Int, seed: UInt64 = 0, topK: Int = 5,
        tolerance: Double? = nil, delta: Double? = nil, labels: [Int] = []
    ) -> RowOptions {
        var options = RowOptions(
            topK: topK, sampleCount: samples, maxSampleCount: 1 << 20, seed: seed,
            estimator: estimator, wantsProbabilities: true, labels: labels)
        options.details.tolerance = tolerance
        options.details.certifyDelta = delta
        return options
    }

    private static func features(_ rows: Int, seed: UInt64 = 1) -> [Float] {
        var random = SeededRandom(seed: seed)
        return random.floats(rows * width)
    }

    /// Heads of every path: loadings, the latents of HET-XL and HET, a covariance, and members.
    private static func heads() throws -> [HeteroscedasticHead] {
        let made = [
            MadeHead(isXL: true, classes: 10, rank: 3, deviation: 2),
            MadeHead(isXL: false, classes: 12, rank: 2, deviation: 1),
            MadeHead(isXL: false, classes: 9, rank: 2, deviation: 2, noise: .independent),
            MadeHead(isXL: true, classes: 7, rank: 2, deviation: 1, members: 3),
        ]
        var heads = try made.map { try #require(try $0.head(.softmax) as? HeteroscedasticHead) }
        heads.append(heads[0])
        heads[heads.count - 1].path = .latents
        return heads
    }

    private static let estimators: [EstimatorChoice] = [
        .only(.monteCarlo), .only(.quasiMonteCarlo),
    ]

    // MARK: Tolerance

    private static func largestError(_ answer: Prediction) throws -> Double {
        try (answer.top + answer.named).map { Double(try #require($0.spread).standardError) }
            .max() ?? 0
    }

    /// The same samples as those of a request for so many, or where it would have a net made for
    /// their number, for no more: however many may follow, they are one sequence. Sums that are
    /// cut otherwise differ by roundings of float32 at most, four of them a probability and
    /// relative 10⁻⁴ of an error.
    @Test(arguments: estimators)
    func `samples double until no listed error exceeds the tolerance`(
        estimator: EstimatorChoice
    ) throws {
        var counts: Set<Int> = []
        for head in try Self.heads() {
            for tolerance in [0.03, 0.01, 0.005] {
                let features = Self.features(4)
                let answers = try predictions(
                    head, features,
                    Self.options(estimator, samples: 1 << 14, tolerance: tolerance, labels: [6]))
                for (row, answer) in answers.enumerated() {
                    let own = Array(features[row * Self.width..<(row + 1) * Self.width])
                    func ended(_ samples: Int) throws -> Prediction {
                        let hasNet = estimator == .only(.quasiMonteCarlo) && samples <= 8 * 16
                        let options = Self.options(
                            estimator, samples: samples, tolerance: hasNet ? tolerance : nil,
                            labels: [6])
                        return try predictions(head, own, options)[0]
                    }
                    let uncertainty = try #require(answer.uncertainty)
                    #expect(uncertainty.isConverged == true && uncertainty.isCertified == nil)
                    #expect(try Self.largestError(answer) <= tolerance)
                    let count = try #require(uncertainty.sampleCount)
                    counts.insert(count)
                    let same = try ended(count)
                    let (found, expected) = (
                        try #require(answer.probabilities), try #require(same.probabilities)
                    )
                    for (p, q) in zip(found, expected) { #expect(abs(p - q) <= 0x1p-22) }
                    guard count > SampleCounts.firstSamples else { continue }
                    #expect(try Self.largestError(ended(count / 2)) > tolerance * (1 - 1e-4))
                }
            }
        }
        let doublings = (0...8).map { SampleCounts.firstSamples << $0 }
        #expect(counts.count >= 4 && counts.isSubset(of: doublings))
    }

    /// At the most samples that are allowed, points rounded up or not.
    @Test(arguments: [1, 2, 63, 64, 65, 1000]) func `samples end at the most`(most: Int) throws {
        let head = try Self.heads()[0]
        for (estimator, end) in [
            (Estimator.monteCarlo, most),
            (
                .quasiMonteCarlo,
                QuasiMonteCarlo().plan(sampleCount: most, maxSampleCount: .max).sampleCount
            ),
        ] {
            let answer = try predictions(
                head, Self.features(1),
                Self.options(.only(estimator), samples: most, tolerance: 1e-9))[0]
            let uncertainty = try #require(answer.uncertainty)
            #expect(uncertainty.isConverged == false && uncertainty.sampleCount == end)
        }
    }

    /// Nothing is listed where no label is likely enough, and nothing need be drawn for it.
    @Test func `a list without entries is within any tolerance`() throws {
        var options = Self.options(.only(.monteCarlo), samples: 1000, tolerance: 1e-9)
        options.minProbability = 1
        let answer = try predictions(try Self.heads()[0], Self.features(1), options)[0]
        let uncertainty = try #require(answer.uncertainty)
        #expect(uncertainty.isConverged == true && answer.top.isEmpty)
        #expect(uncertainty.sampleCount == SampleCounts.firstSamples)
    }

    // MARK: A leader

    /// The leader of 4,096 points' mean, and the draws of a request for as many.
    @Test func `a leader that is proven leads`() throws {
        for (place, head) in try Self.heads().enumerated() {
            let features = Self.features(8)
            let truths = try predictions(
                head, features,
                Self.options(.only(.quasiMonteCarlo), samples: 1 << 12, topK: 2))
            let answers = try predictions(
                head, features, Self.options(.auto, samples: 3000, delta: 0.01))
            var proven = 0
            for (row, (answer, truth)) in zip(answers, truths).enumerated() {
                let uncertainty = try #require(answer.uncertainty)
                #expect(uncertainty.estimator == .monteCarlo && uncertainty.isConverged == nil)
                let count = try #require(uncertainty.sampleCount)
                let isCertified = uncertainty.isCertified == true
                #expect(isCertified ? count <= 3000 : count == 3000)
                let own = Array(features[row * Self.width..<(row + 1) * Self.width])
                let same = try predictions(
                    head, own, Self.options(.only(.monteCarlo), samples: count))[0]
                #expect(same.top.map(\.index) == answer.top.map(\.index))
                for (p, q) in zip(
                    try #require(answer.probabilities), try #require(same.probabilities))
                { #expect(abs(p - q) <= 0x1p-22) }
                guard isCertified else { continue }
                proven += 1
                #expect(answer.top[0].index == truth.top[0].index, "head \(place), row \(row)")
            }
            #expect(proven >= 4, "head \(place)")
        }
    }

    @Test(arguments: [1, 23, 24, 25]) func `few draws prove nothing`(most: Int) throws {
        let answers = try predictions(
            try Self.heads()[0], Self.features(4), Self.options(.auto, samples: most, delta: 0.05))
        for answer in answers {
            #expect(answer.uncertainty?.isCertified == false)
            #expect(answer.uncertainty?.sampleCount == most)
        }
    }

    /// Labels are proven by their own draws.
    @Test func `labels are proven too`() throws {
        let head = try MadeHead(isXL: true, classes: 5, rank: 1, deviation: 1).head(.sigmoid)
        let features = Self.features(6)
        let laws = try predictions(head, features, Self.options(.auto, samples: 1, delta: 0.05))
        let answers = try predictions(
            head, features, Self.options(.only(.monteCarlo), samples: 20_000, delta: 0.01))
        var proven = 0
        for (law, answer) in zip(laws, answers) {
            #expect(law.uncertainty?.isCertified == true && law.uncertainty?.sampleCount == 0)
            if answer.uncertainty?.isCertified == true {
                proven += 1
                #expect(law.top[0].index == answer.top[0].index)
            }
        }
        #expect(proven >= 3)
    }

    // MARK: Answers

    @Test func `what a law tells is within any tolerance`() throws {
        let head = try MadeHead(isXL: true, classes: 5, deviation: 1).head(.softmax)
        let answer = try predictions(
            head, Self.features(1), Self.options(.auto, samples: 10, tolerance: 1e-300))[0]
        #expect(answer.uncertainty?.isConverged == true)
        #expect(answer.uncertainty?.estimator == .quadrature)
    }

    @Test func `answers are the same alone, in a batch and on two threads`() throws {
        let features = Self.features(4)
        for head in try Self.heads() {
            let options =
                Self.estimators.map { Self.options($0, samples: 5000, seed: 3, tolerance: 0.005) }
                + [
                    Self.options(.auto, samples: 2000, seed: 3, delta: 0.05),
                    Self.options(.only(.monteCarlo), samples: 100, seed: 3),
                ]
            let batch = FeatureBatch(features: features, options: options)
            let together = head.predict(batch, ComputeContext(kernel: .threads(1)))
            #expect(head.predict(batch, ComputeContext(kernel: .threads(2))) == together)
            for (row, option) in options.enumerated() {
                let own = FeatureBatch(
                    features: Array(features[row * Self.width..<(row + 1) * Self.width]),
                    options: [option])
                for threads in [1, 2] {
                    let alone = head.predict(own, ComputeContext(kernel: .threads(threads)))
                    #expect(alone == [together[row]])
                }
            }
        }
    }

    /// A client that leaves is noticed at any question, and there is no next one.
    @Test func `rows are given up in between`() throws {
        for head in try Self.heads() {
            for options in [
                Self.options(.only(.monteCarlo), samples: 4000, tolerance: 1e-9),
                Self.options(.only(.quasiMonteCarlo), samples: 4000, tolerance: 1e-9),
                Self.options(.auto, samples: 2000, delta: 1e-300),
            ] {
                let batch = FeatureBatch(features: Self.features(1), options: [options])
                func outcome(_ patience: Int) -> (RowOutcome, questions: Int) {
                    let questions = Atomic(0)
                    let context = ComputeContext(kernel: .threads(1)) { _ in
                        questions.add(1, ordering: .relaxed).newValue <= patience
                    }
                    return (
                        head.predict(batch, context)[0], questions.load(ordering: .relaxed)
                    )
                }
                let (whole, count) = outcome(.max)
                guard case .prediction = whole else {
                    Issue.record("no prediction")
                    continue
                }
                #expect(count > 6)
                for patience in 0..<count {
                    let (given, asked) = outcome(patience)
                    #expect(given == .notWanted && asked == patience + 1)
                }
            }
        }
    }
}
