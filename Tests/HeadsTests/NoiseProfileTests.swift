import Fixtures
import Glibc
import LogitKernels
import Predictions
import Testing

@testable import Heads

/// Quantiles, histograms and votes of class probabilities over the noise.
@Suite struct NoiseProfileTests {
    private static let levels = [0.001, 0.05, 0.25, 0.5, 0.9, 0.999]

    private static func options(
        _ estimator: EstimatorChoice = .auto, samples: Int = 1000, topK: Int = .max,
        votes: Bool = false, labels: [Int] = [], seed: UInt64 = 3
    ) -> RowOptions {
        var options = RowOptions(
            topK: topK, sampleCount: samples, seed: seed, estimator: estimator,
            wantsProbabilities: false, labels: labels)
        options.details.quantileLevels = levels
        options.details.wantsHistogram = true
        options.details.wantsVoteShare = votes
        return options
    }

    private static func profile(_ candidate: Candidate) throws -> NoiseProfile {
        try #require(candidate.profile)
    }

    // MARK: Laws

    /// Values of every class, in double, at points of equal probability along each member's line.
    private struct Grid {
        static let pointCount = 100_000
        /// By class; members one after the other.
        var values: [[Double]]
        var votes: [Double]

        init(_ head: MadeHead, _ x: [Double], _ link: Link) throws {
            values = [[Double]](repeating: [], count: head.classes)
            votes = [Double](repeating: 0, count: head.classes)
            for (mean, columns) in try head.normals(x) {
                let slopes = mean.indices.map { k in
                    link == .softmax
                        ? columns[0][k]
                        : columns.reduce(0) { $0 + $1[k] * $1[k] }.squareRoot()
                }
                for index in 0..<Self.pointCount {
                    let z = NormalQuantile.of((Double(index) + 0.5) / Double(Self.pointCount))
                    add(zip(mean, slopes).map { $0 + $1 * z }, link)
                }
            }
            let count = Double(values[0].count)
            votes = votes.map { $0 / count }
            for k in values.indices { values[k].sort() }
        }

        private mutating func add(_ logits: [Double], _ link: Link) {
            let peak = logits.max() ?? 0
            let sizes = logits.map { exp($0 - peak) }
            let sum = sizes.reduce(0, +)
            for k in logits.indices {
                values[k].append(link == .softmax ? sizes[k] / sum : 1 / (1 + exp(-logits[k])))
            }
            votes[logits.firstIndex(of: peak) ?? 0] += 1
        }

        /// The share of class `k`'s values below `value`.
        func share(of k: Int, below value: Double) -> Double {
            var (low, high) = (0, values[k].count)
            while low < high {
                let middle = (low + high) / 2
                if values[k][middle] < value { low = middle + 1 } else { high = middle }
            }
            return Double(low) / Double(values[k].count)
        }
    }

    /// Contracted: a share is off by 1/4096 at most. The grid's own is 1/100,000 and what float32
    /// makes of a probability, some 10⁻⁶ relative, of which a share is a smooth function here.
    private static let slack = 1.0 / 4096 + 2e-5 + 2e-5

    private static func check(
        _ candidate: Candidate, _ grid: Grid, _ comment: Comment
    ) throws {
        let (k, profile) = (candidate.index, try profile(candidate))
        for (level, quantile) in zip(levels, profile.quantiles) {
            let value = Double(quantile)
            let below = grid.share(of: k, below: value * (1 - 2e-6) - 1e-38)
            let above = grid.share(of: k, below: value * (1 + 2e-6) + 1e-38)
            #expect(below - slack <= level && level <= above + slack, comment)
        }
        for bin in 0..<20 {
            let ends = [bin, bin + 1].map { grid.share(of: k, below: Double($0) / 20) }
            let share = (bin == 19 ? 1 : ends[1]) - ends[0]
            // Both ends of a bin.
            #expect(abs(Double(profile.histogram[bin]) - share) <= 2 * slack, comment)
        }
        #expect(abs(profile.histogram.reduce(0, +) - 1) <= 1e-6)
    }

    @Test(arguments: [1, 3]) func `labels against a dense grid`(members: Int) throws {
        for (isXL, noise) in [
            (true, DiagonalNoise.shared), (true, .independent), (false, .independent),
        ] {
            let made = MadeHead(
                isXL: isXL, classes: 7, rank: 2, deviation: 2, noise: noise, members: members)
            var random = SeededRandom(seed: 9)
            let x = random.floats(MadeHead.features)
            let grid = try Grid(made, x.map { Double($0) }, .sigmoid)
            let answer = try predictions(made.head(.sigmoid), x, Self.options())[0]
            #expect(answer.uncertainty?.estimator == .quadrature)
            for candidate in answer.top {
                try Self.check(candidate, grid, "label \(candidate.index) XL \(isXL) \(noise)")
            }
        }
    }

    @Test(arguments: [1, 3]) func `lines of logits against a dense grid`(members: Int) throws {
        for deviation in [0.3, 3] as [Float] {
            let made = MadeHead(
                isXL: true, classes: 9, deviation: deviation, members: members)
            var random = SeededRandom(seed: 4)
            let x = random.floats(MadeHead.features)
            let grid = try Grid(made, x.map { Double($0) }, .softmax)
            let answer = try predictions(made.head(.softmax), x, Self.options(votes: true))[0]
            #expect(answer.uncertainty?.estimator == .quadrature)
            #expect(answer.uncertainty?.marginStandardError == 0)
            for candidate in answer.top {
                try Self.check(candidate, grid, "class \(candidate.index) σ \(deviation)")
                let votes = Double(try #require(Self.profile(candidate).voteShare))
                #expect(abs(votes - grid.votes[candidate.index]) <= 2 * Self.slack)
            }
        }
    }

    @Test func `normal quantiles invert the distribution function`() {
        for level in [1e-300, 1e-12, 1e-5, 0.024, 0.3, 0.5, 0.7, 0.975, 1 - 1e-9] {
            let z = NormalQuantile.of(level)
            let found =
                level < 0.5 ? erfc(-z / 2.0.squareRoot()) / 2 : erfc(z / 2.0.squareRoot()) / 2
            let wanted = level < 0.5 ? level : 1 - level
            // A relative error of 10⁻¹⁵ of z moves a tail by z² of it.
            #expect(abs(found - wanted) <= 1e-14 * wanted * max(1, z * z))
        }
    }

    // MARK: Samples

    /// Paths differ by roundings alone: a value next to a bin's end or a level may move by one.
    @Test(arguments: ["hetxl-softmax-full", "het-softmax-efficient", "het-sigmoid-full"])
    func `profiles do not depend on the path`(name: String) throws {
        var head = try HeteroscedasticFixtureTests.head(name)
        let features = try Truth("het/" + name).floats("features")
        let options = Self.options(
            .only(.monteCarlo), samples: 1500, topK: 4, votes: head.link == .softmax,
            labels: [1, 0])
        var answers: [[Prediction]] = []
        for path in [SamplingPath.loadings, .latents] {
            if path == .latents, head.weights.space == .logits, head.link == .sigmoid { continue }
            head.path = path
            answers.append(try predictions(head, features, options))
        }
        for (one, two) in zip(answers[0], answers.last ?? []) {
            #expect(one.named.map(\.index) == [1, 0])
            for (a, b) in zip(one.top + one.named, two.top + two.named) {
                let (a, b) = (try Self.profile(a), try Self.profile(b))
                for (x, y) in zip(a.quantiles, b.quantiles) {
                    #expect(abs(x - y) <= 1e-4 * max(x, y) + 1e-12)
                }
                for (x, y) in zip(a.histogram, b.histogram) { #expect(abs(x - y) <= 2.0 / 1500) }
                if let x = a.voteShare, let y = b.voteShare { #expect(abs(x - y) <= 2.0 / 1500) }
            }
        }
    }

    @Test(arguments: [Estimator.monteCarlo, .quasiMonteCarlo])
    func `shares sum to one and means follow from bins`(estimator: Estimator) throws {
        let head = try HeteroscedasticAnswerTests.model("hetxl-softmax-wide")
        let features = try Truth("het/hetxl-softmax-wide").floats("features")
        let options = Self.options(.only(estimator), samples: 1000, votes: true)
        for answer in try predictions(head, features, options) {
            let profiles = try answer.top.map(Self.profile)
            // Shares are multiples of 1/1000 or 1/1024 rounded to float32.
            #expect(abs(profiles.reduce(0) { $0 + ($1.voteShare ?? 0) } - 1) <= 1e-5)
            for (candidate, profile) in zip(answer.top, profiles) {
                #expect(abs(profile.histogram.reduce(0, +) - 1) <= 1e-5)
                #expect(profile.quantiles == profile.quantiles.sorted())
                let mean = profile.histogram.enumerated().reduce(0.0) {
                    $0 + Double($1.element) * (Double($1.offset) + 0.5) / 20
                }
                // A value is within half a bin of its middle.
                #expect(abs(mean - Double(try #require(candidate.probability))) <= 0.0251)
            }
        }
    }

    @Test(arguments: ["hetxl-softmax-wide", "hetxl-softmax-independent", "hetxl-softmax-diagonal"])
    func `neither batch nor threads change a byte`(name: String) throws {
        let head = try HeteroscedasticAnswerTests.model(name)
        let width = head.summary.inputCount
        let features = Array(try Truth("het/" + name).floats("features").prefix(2 * width))
        let choices: [EstimatorChoice] = [.auto, .only(.monteCarlo), .only(.quasiMonteCarlo)]
        for choice in choices {
            let options = Self.options(choice, samples: 1200, topK: 3, votes: true, labels: [2])
            let one = try predictions(
                head, features, options, context: ComputeContext(kernel: .threads(1)))
            let two = try predictions(
                head, features, options, context: ComputeContext(kernel: .threads(2)))
            #expect(one == two)
            let alone = try predictions(head, Array(features.prefix(width)), options)
            #expect(alone == [one[0]])
        }
    }

    @Test func `a quantile's place`() {
        for (level, count, place) in [
            (0.05, 1000, 49), (0.5, 4, 1), (0.5, 5, 2), (0.999_999, 10, 9), (1e-9, 10, 0),
            (0.5, 1, 0), (0.07, 100, 6), (0.070_000_1, 100, 7), (0.55, 1000, 549), (1e-300, 2, 0),
            (1 - 0x1p-53, 3, 2),
        ] { #expect(NoiseProfiles.rank(level, of: count) == place) }
    }

    @Test func `a bin's ends`() {
        // The float32 nearest to .05 lies above it, and that nearest to .95 below.
        for (value, bin) in [
            (0, 0), (0.049_999, 0), (0.05, 1), (0.95, 18), (Float(0.95).nextUp, 19), (1, 19),
            (1.000_000_1, 19),
        ] as [(Float, Int)] { #expect(NoiseProfiles.bin(of: value) == bin) }
    }
}
