import Fixtures
import Glibc
import LogitKernels
import Predictions
import Synchronization
import Testing

@testable import Heads

/// Quasi-Monte-Carlo where something is at its limit: members, dimensions, ranks, classes, and rows
/// that nobody waits for.
@Suite struct QuasiMonteCarloLimitTests {
    private static let x = [Float](repeating: 0.5, count: MadeHead.features)

    private static func options(
        _ points: Int, seed: UInt64 = 0, _ estimator: EstimatorChoice = .only(.quasiMonteCarlo)
    ) -> RowOptions {
        RowOptions(
            topK: .max, sampleCount: points, seed: seed, estimator: estimator,
            wantsProbabilities: true)
    }

    private static func study(_ head: any Head, points: Int) throws -> SeedStudy {
        try SeedStudy(head, x, seeds: 64) { options(points, seed: $0) }
    }

    // MARK: Members

    /// The softmax of two draws' noise: the mean over members of the trapezoid rule in both, whose
    /// error is far below that of float32 where slopes differ by less than ten.
    private static func plane(_ made: MadeHead) throws -> [Double] {
        let step = 0.1
        let places = (-80...80).map { Double($0) * step }
        var means = [Double](repeating: 0, count: made.classes)
        let normals = try made.normals(x.map { Double($0) })
        for (mean, columns) in normals {
            for first in places {
                for second in places {
                    let weight = exp(-(first * first + second * second) / 2) * step * step
                    let logits = mean.indices.map {
                        mean[$0] + columns[0][$0] * first + columns[1][$0] * second
                    }
                    for (k, p) in ReferenceHead.softmax(logits).enumerated() {
                        means[k] += weight * p / (2 * Double.pi) / Double(normals.count)
                    }
                }
            }
        }
        return means
    }

    @Test(arguments: [1, 3]) func `members are averaged`(members: Int) throws {
        let made = MadeHead(
            isXL: true, classes: 5, rank: 1, deviation: 1.5, members: members)
        let head = try made.head(.softmax)
        try Self.study(head, points: 64).check([try Self.plane(made)])
        let uncertainty = try #require(
            try predictions(head, Self.x, Self.options(64))[0].uncertainty)
        #expect(uncertainty.estimator == .quasiMonteCarlo && uncertainty.sampleCount == 64)
    }

    @Test func `members have scrambles of their own`() {
        let rule = QuasiMonteCarlo()
        let draws = (0..<3).map { Self.draws(rule, dimensions: 2, member: $0) }
        #expect(draws[0] != draws[1] && draws[1] != draws[2] && draws[0] != draws[2])
        // Nor is a member's replicate that of another.
        let next = Self.draws(rule, dimensions: 2, member: 1, replicate: 0)
        for replicate in 1..<8 {
            #expect(Self.draws(rule, dimensions: 2, replicate: replicate) != next)
        }
    }

    // MARK: Dimensions

    private static func draws(
        _ rule: any SamplingRule, dimensions: Int, member: Int = 0, replicate: Int = 0,
        samples: Range<Int> = 0..<8, of netSampleCount: Int? = nil
    ) -> [Float] {
        let block = DrawBlock(
            row: 0, seed: 3, member: member, replicate: replicate,
            firstSample: samples.lowerBound, sampleCount: samples.count,
            dimensionCount: dimensions, netSampleCount: netSampleCount)
        var draws = [Float](repeating: .nan, count: samples.count * dimensions)
        var span = draws.mutableSpan
        rule.fill(&span, block, from: CounterNoise(), kernel: .threads(1))
        return draws
    }

    /// Directions are there for 256 dimensions. What is behind them is the server's generator, and
    /// the dimensions before are those of a narrower net.
    @Test(arguments: [255, 256, 257, 300])
    func `dimensions without directions are independent`(dimensions: Int) {
        let points = Self.draws(QuasiMonteCarlo(), dimensions: dimensions, replicate: 5)
        let net = Self.draws(QuasiMonteCarlo(), dimensions: 256, replicate: 5)
        let normals = Self.draws(IndependentDraws(), dimensions: dimensions, replicate: 5)
        for sample in 0..<8 {
            for dimension in 0..<dimensions {
                let found = points[sample * dimensions + dimension]
                #expect(
                    found
                        == (dimension < 256
                            ? net[sample * 256 + dimension]
                            : normals[sample * dimensions + dimension]))
            }
        }
    }

    @Test(arguments: [2, 257], [nil, 8, 16])
    func `points do not depend on their block`(dimensions: Int, net: Int?) {
        let all = Self.draws(QuasiMonteCarlo(), dimensions: dimensions, of: net)
        let parts = [0..<3, 3..<4, 4..<8].flatMap {
            Self.draws(QuasiMonteCarlo(), dimensions: dimensions, samples: $0, of: net)
        }
        #expect(parts == all)
    }

    /// Nets are made for 4, 8 and 16 points; any other number has the sequence's.
    @Test func `points are made for their number up to 16`() {
        let sequence = Self.draws(QuasiMonteCarlo(), dimensions: 10)
        let nets = [1, 2, 4, 8, 16, 32].map {
            Self.draws(
                QuasiMonteCarlo(), dimensions: 10, samples: 0..<min($0, 8), of: $0)
        }
        for place in [0, 1, 5] { #expect(sequence.starts(with: nets[place])) }
        for place in [2, 3, 4] { #expect(!sequence.starts(with: nets[place])) }
        #expect(nets[3] != nets[4])
    }

    /// Independent noise on the logits of 254, 255 and 300 labels and two factors has 256, 257 and
    /// 302 dimensions. Each class's p is of the order of 1/300; errors are small and many, so that
    /// the mean of their squares is known well.
    @Test(arguments: [254, 255, 300])
    func `heads with more dimensions are sampled as well`(classes: Int) throws {
        let head = try MadeHead(
            isXL: false, classes: classes, rank: 2, deviation: 1, noise: .independent
        ).head(.softmax)
        #expect(head.summary.drawCount == classes + 2)
        let draws = try predictions(
            head, Self.x, Self.options(20_000, .only(.monteCarlo)))[0]
        let (means, errors) = try Self.estimate(draws, classes)
        try Self.study(head, points: 32).check([means], errors: [errors])
    }

    private static func estimate(
        _ answer: Prediction, _ classes: Int
    ) throws -> (means: [Double], errors: [Double]) {
        var (means, errors) = ([Double](repeating: 0, count: classes), [Double]())
        errors = means
        for candidate in answer.top {
            means[candidate.index] = Double(try #require(candidate.probability))
            errors[candidate.index] = Double(try #require(candidate.spread).standardError)
        }
        return (means, errors)
    }

    // MARK: Ranks

    /// Up to 64 draws, points are laid along axes; beyond, along the factors as they are.
    @Test(arguments: [63, 64, 70]) func `factors of any number are sampled`(rank: Int) throws {
        let classes = 4
        let made = MadeHead(isXL: true, classes: classes, rank: rank, deviation: 0.2)
        let head = try #require(try made.head(.softmax) as? HeteroscedasticHead)
        let noise = head.weights.latentNoise(
            head.weights.noiseOutputs(
                of: FeatureRows(dense: Self.x, count: 1), .threads(1)), row: 0)
        let logits = head.weights.noisyLogits(
            FeatureRows(dense: Self.x, count: 1), row: 0, noise, hasAxes: true, .threads(1))
        #expect((logits.axes != nil) == (rank + 1 <= 64))
        let draws = try predictions(
            head, Self.x, Self.options(100_000, .only(.monteCarlo)))[0]
        let (means, errors) = try Self.estimate(draws, classes)
        try Self.study(head, points: 32).check([means], errors: [errors])
    }

    /// By its name the rule samples a law that `auto` knows, which has nothing to turn.
    @Test(arguments: [Link.softmax, .sigmoid])
    func `a head without factors is sampled by name`(link: Link) throws {
        let made = MadeHead(isXL: true, classes: 4, deviation: 1.5)
        let head = try made.head(link)
        let law = try made.law(link, Self.x.map { Double($0) })
        try Self.study(head, points: 32).check([law.means])
    }

    // MARK: Classes

    @Test func `one label has a law of its own`() throws {
        let made = MadeHead(isXL: true, classes: 1, rank: 2, deviation: 1.5)
        let law = try made.law(.sigmoid, Self.x.map { Double($0) })
        try Self.study(try made.head(.sigmoid), points: 32).check([law.means])
    }

    // MARK: Rows that nobody waits for

    /// Shared noise in waves, and the latent path in blocks: asked once for the row, and before
    /// each of the eight scrambles' blocks.
    @Test(arguments: [(true, DiagonalNoise.shared), (false, .independent)])
    func `a row that is not wanted any more is given up`(
        isXL: Bool, noise: DiagonalNoise
    ) throws {
        let made = MadeHead(isXL: isXL, classes: 4, rank: 2, deviation: 1, noise: noise)
        let head = try made.head(.softmax)
        let batch = FeatureBatch(features: Self.x, options: [Self.options(64)])
        for most in 1...8 {
            let asked = Atomic(0)
            let context = ComputeContext(
                kernel: .threads(1),
                isWanted: { _ in asked.wrappingAdd(1, ordering: .relaxed).newValue <= most })
            #expect(head.predict(batch, context) == [.notWanted])
            #expect(asked.load(ordering: .relaxed) == most + 1)
        }
        let context = ComputeContext(kernel: .threads(1))
        #expect(head.predict(batch, context) != [.notWanted])
    }
}
