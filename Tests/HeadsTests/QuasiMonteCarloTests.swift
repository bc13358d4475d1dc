import Fixtures
import LogitKernels
import Predictions
import Testing

@testable import Heads

@Suite struct QuasiMonteCarloTests {
    private static let rule = QuasiMonteCarlo()
    private static let softmaxFixtures = [
        "het-softmax-efficient", "hetxl-softmax-bfloat16", "hetxl-softmax-diagonal",
        "hetxl-softmax-efficient", "hetxl-softmax-full", "hetxl-softmax-independent",
        "hetxl-softmax-wide",
    ]

    private static func options(
        _ points: Int, seed: UInt64 = 0, _ estimator: Estimator = .quasiMonteCarlo
    ) -> RowOptions {
        RowOptions(
            topK: .max, sampleCount: points, seed: seed, estimator: .only(estimator),
            wantsProbabilities: true)
    }

    // MARK: Points

    @Test(arguments: [
        (1, 16), (15, 16), (16, 16), (17, 32), (1000, 1024), (1024, 1024), (1025, 2048),
        (100_000, 131_072),
    ])
    func `points are eight times a power of two`(asked: Int, points: Int) {
        let plan = Self.rule.plan(sampleCount: asked, maxSampleCount: .max)
        #expect(plan.sampleCount == points && plan.replicateCount == 8)
    }

    @Test(arguments: [
        (1000, 1023, 512), (1000, 1024, 1024), (1000, 1025, 1024), (31, 31, 16), (16, 16, 16),
        (100_000, 100_000, 65_536),
    ])
    func `and no more than a request may have`(asked: Int, most: Int, points: Int) {
        #expect(Self.rule.plan(sampleCount: asked, maxSampleCount: most).sampleCount == points)
    }

    // MARK: The law

    @Test(arguments: HeteroscedasticFixtureTests.fixtures)
    func `estimates are unbiased and know their error`(_ name: String) throws {
        let head = try HeteroscedasticFixtureTests.head(name)
        let truth = try Truth("het/" + name)
        let study = try SeedStudy(head, try truth.floats("features"), seeds: 64) {
            Self.options(128, seed: $0)
        }
        study.check(
            try truth.rows("reference_probabilities"),
            errors: try truth.rows("reference_standard_error"))
    }

    /// The largest deviation of a logit over the noise, beside that of the mean of all logits.
    private static func largestDeviation(
        _ head: HeteroscedasticHead, _ features: FeatureRows, row: Int
    ) throws -> Double {
        let (weights, kernel) = (head.weights, LogitKernel.threads(1))
        let noise = weights.latentNoise(weights.noiseOutputs(of: features, kernel), row: row)
        let width = weights.latentCount
        var columns = Array(noise.columns.dropLast(width))
        switch weights.diagonalNoise {
        case .shared: columns += noise.standardDeviation
        case .independent:
            for (index, deviation) in noise.standardDeviation.enumerated() {
                columns += (0..<width).map { $0 == index ? deviation : 0 }
            }
        }
        if weights.space == .features {
            columns = DenseLayer(weights: weights.location.weights, bias: nil).apply(
                columns, rowCount: columns.count / width, kernel)
        }
        let classCount = weights.classCount
        var squares = [Double](repeating: 0, count: classCount)
        for first in stride(from: 0, to: columns.count, by: classCount) {
            let column = columns[first..<first + classCount].map {
                Double($0 / weights.temperature)
            }
            let mean = column.reduce(0, +) / Double(classCount)
            for k in 0..<classCount { squares[k] += (column[k] - mean) * (column[k] - mean) }
        }
        return try #require(squares.max()).squareRoot()
    }

    /// 128 points in all are worth 1,000 draws at least, in the median over the classes of a row
    /// whose noise moves no class by more than two: Var(softmax) over the mean square error. A
    /// variance of 128 seeds is off by an eighth, and the median over the classes by less; by 4,096
    /// seeds the least of these rows, whose noise has ten flat axes, is worth 1,230.
    @Test(arguments: softmaxFixtures) func `points are worth many draws`(_ name: String) throws {
        let head = try HeteroscedasticFixtureTests.head(name)
        let features = try Truth("het/" + name).floats("features")
        let study = try SeedStudy(head, features, seeds: 128) { Self.options(128, seed: $0) }
        let precise = try predictions(
            head, features, Self.options(1 << 14), context: ComputeContext(kernel: .threads(2)))
        let rows = FeatureRows(dense: features, count: precise.count)
        for (row, answer) in precise.enumerated() {
            let worths = try answer.top.map { candidate in
                let deviation = Double(try #require(candidate.spread).standardDeviation)
                let error = study.variances[row][candidate.index] * 128 / 127
                return deviation * deviation / max(error, .leastNormalMagnitude)
            }
            let largest = try Self.largestDeviation(head, rows, row: row)
            let median = worths.sorted()[worths.count / 2]
            if largest <= 2 { #expect(median >= 1000, "row \(row)") }
        }
    }

    // MARK: Answers

    @Test func `an answer names the rule and its points`() throws {
        let head = try HeteroscedasticFixtureTests.head("hetxl-softmax-full")
        let features = try Truth("het/hetxl-softmax-full").floats("features")
        let answer = try predictions(head, features, Self.options(1000))[0]
        let uncertainty = try #require(answer.uncertainty)
        #expect(uncertainty.estimator == .quasiMonteCarlo && uncertainty.sampleCount == 1024)
        let spread = try #require(answer.top[0].spread)
        let probability = Double(try #require(answer.top[0].probability))
        // Student's t of seven degrees of freedom: 2.364624; three roundings of float32.
        let reach = 2.364_624_251_592_785 * Double(spread.standardError)
        #expect(abs(Double(spread.interval.upperBound) - probability - reach) <= 3 * 0x1p-24)
        #expect(abs(Double(spread.interval.lowerBound) - probability + reach) <= 3 * 0x1p-24)
    }

    @Test(arguments: softmaxFixtures)
    func `answers are the same alone, in a batch and on two threads`(_ name: String) throws {
        let head = try HeteroscedasticFixtureTests.head(name)
        let width = head.summary.inputCount
        let features = Array(try Truth("het/" + name).floats("features").prefix(3 * width))
        let options = (0..<features.count / width).map { Self.options(50, seed: UInt64($0 / 2)) }
        let batch = FeatureBatch(features: features, options: options)
        let together = head.predict(batch, ComputeContext(kernel: .threads(1)))
        #expect(head.predict(batch, ComputeContext(kernel: .threads(2))) == together)
        for (row, option) in options.enumerated() {
            let own = FeatureBatch(
                features: Array(features[row * width..<(row + 1) * width]), options: [option])
            for threads in [1, 2] {
                let alone = head.predict(own, ComputeContext(kernel: .threads(threads)))
                #expect(alone == [together[row]])
            }
        }
    }

    /// Of two classes that are as likely, the estimate without bias would lie above ln 2 for half
    /// of the seeds.
    @Test func `no entropy is above that of a uniform distribution`() throws {
        let head = try MadeHead(isXL: true, classes: 2, rank: 2, deviation: 2).head(.softmax)
        let x = [Float](repeating: 0, count: MadeHead.features)
        for seed in 0..<50 as Range<UInt64> {
            let answer = try predictions(head, x, Self.options(16, seed: seed))[0]
            #expect(try #require(answer.uncertainty).predictiveEntropy <= 0.693_147_180_559_946)
        }
    }

    /// The jackknife takes a plug-in entropy's error back: with 16 points, the mean over seeds is
    /// nearer to that of many points than the plug-in's, whose error is all of one sign.
    @Test func `predictive entropy has no bias to speak of`() throws {
        let head = try HeteroscedasticFixtureTests.head("hetxl-softmax-full")
        let width = head.summary.inputCount
        let features = Array(
            try Truth("het/hetxl-softmax-full").floats("features").prefix(width))
        func entropies(_ points: Int, seed: UInt64) throws -> (told: Double, plain: Double) {
            let answer = try predictions(head, features, Self.options(points, seed: seed))[0]
            let means = (answer.probabilities ?? []).map { Double($0) }
            return (
                try #require(answer.uncertainty).predictiveEntropy, Entropy.ofDistribution(means)
            )
        }
        let precise = try entropies(1 << 14, seed: 999).told
        var (told, plain) = (0.0, 0.0)
        for seed in 0..<200 {
            let found = try entropies(16, seed: UInt64(seed))
            told += (found.told - precise) / 200
            plain += (found.plain - precise) / 200
        }
        #expect(plain < 0 && abs(told) < abs(plain) / 2, "told \(told), plain \(plain)")
    }
}
