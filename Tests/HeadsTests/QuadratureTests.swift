import Fixtures
import LogitKernels
import Predictions
import Testing

@testable import Heads

/// Laws by quadrature against double precision with other nodes.
@Suite struct QuadratureTests {
    /// Contracted.
    static let tolerance = 1e-5
    static let fixtures = [
        "hetxl-softmax-diagonal", "het-sigmoid-full", "hetxl-sigmoid-efficient",
    ]

    private static func options(
        _ estimator: EstimatorChoice = .auto, samples: Int = 50
    ) -> RowOptions {
        RowOptions(
            topK: .max, sampleCount: samples, seed: 3, estimator: estimator,
            wantsProbabilities: true)
    }

    // MARK: Against the authors' reference

    /// Means and their reference, which has an error of its own.
    @Test(arguments: fixtures) func `laws of fixtures are the reference's`(name: String) throws {
        let head = try HeteroscedasticFixtureTests.head(name)
        let truth = try Truth("het/" + name)
        let answers = try predictions(head, try truth.floats("features"), Self.options())
        let expected = try truth.rows("reference_probabilities")
        let errors = try truth.rows("reference_standard_error")
        for (answer, (means, errors)) in zip(answers, zip(expected, errors)) {
            try Self.checkForm(answer)
            for (k, found) in try #require(answer.probabilities).enumerated() {
                #expect(abs(Double(found) - means[k]) <= 5 * errors[k] + Self.tolerance)
            }
        }
    }

    /// The members of an answer that quadrature makes.
    private static func checkForm(_ answer: Prediction) throws {
        let uncertainty = try #require(answer.uncertainty)
        #expect(uncertainty.estimator == .quadrature && uncertainty.sampleCount == 0)
        let expected = try #require(uncertainty.expectedEntropy)
        let information = try #require(uncertainty.latentNoiseInformation)
        for value in [uncertainty.predictiveEntropy, expected, information] {
            #expect(value >= 0 && value.sign == .plus)
        }
        for candidate in answer.top {
            let spread = try #require(candidate.spread)
            let probability = try #require(candidate.probability)
            #expect(spread.standardError == 0 && spread.standardDeviation >= 0)
            #expect(spread.interval == probability...probability)
        }
    }

    /// Every path of the answer but the draws is the same, so a wrong law would be seen above;
    /// this sees wrong deviations and entropies.
    @Test(arguments: fixtures) func `samples have the law's deviations and entropies`(
        name: String
    ) throws {
        let head = try HeteroscedasticFixtureTests.head(name)
        let features = try Truth("het/" + name).floats("features")
        let laws = try predictions(head, features, Self.options())
        let samples = 1 << 15
        let drawn = try predictions(
            head, features, Self.options(.only(.monteCarlo), samples: samples))
        for (law, sampled) in zip(laws, drawn) {
            #expect(sampled.uncertainty?.estimator == .monteCarlo)
            #expect(sampled.uncertainty?.sampleCount == samples)
            let deviations = Dictionary(
                uniqueKeysWithValues: law.top.map { ($0.index, $0.spread?.standardDeviation) })
            for candidate in sampled.top {
                let found = Double(try #require(deviations[candidate.index] ?? nil))
                let other = Double(try #require(candidate.spread).standardDeviation)
                // A deviation from n draws errs by its own size over √(2n), more where tails are
                // heavy.
                #expect(abs(found - other) <= 0.1 * found + 1e-6)
            }
            let entropies = [law, sampled].compactMap(\.uncertainty?.expectedEntropy)
            #expect(abs(entropies[0] - entropies[1]) <= 0.02 * entropies[0] + 1e-3)
        }
    }

    // MARK: Against quadrature with other nodes, in double precision

    @Test(
        arguments: [(2, 0.1), (50, 1.0), (333, 6.0), (5000, 2.0)] as [(Int, Float)], [true, false])
    func `softmax over one draw`(shape: (classes: Int, deviation: Float), isXL: Bool) throws {
        try Self.check(
            MadeHead(isXL: isXL, classes: shape.classes, deviation: shape.deviation), .softmax)
    }

    @Test(
        arguments: [(1, 0.1), (50, 1.0), (333, 6.0), (40, 40.0), (40, 300.0), (5000, 2.0)]
            as [(Int, Float)], [true, false])
    func `sigmoid over several draws`(shape: (classes: Int, deviation: Float), isXL: Bool) throws {
        for (rank, noise) in [(2, DiagonalNoise.shared), (0, .shared), (2, .independent)] {
            let head = MadeHead(
                isXL: isXL, classes: shape.classes, rank: rank, deviation: shape.deviation,
                noise: noise)
            try Self.check(head, .sigmoid)
        }
    }

    @Test(arguments: [Link.softmax, .sigmoid]) func `members are averaged`(link: Link) throws {
        for noise in link == .softmax ? [DiagonalNoise.shared] : [.shared, .independent] {
            try Self.check(
                MadeHead(
                    isXL: true, classes: 30, rank: link == .softmax ? 0 : 2, deviation: 1.5,
                    noise: noise, members: 3), link)
        }
    }

    private static func check(_ made: MadeHead, _ link: Link) throws {
        let head = try made.head(link)
        var random = SeededRandom(seed: 8)
        let x = random.floats(MadeHead.features)
        let answer = try predictions(head, x, Self.options())[0]
        try checkForm(answer)
        let truth = try made.law(link, x.map { Double($0) })
        let found = try #require(answer.probabilities)
        #expect(found.count == made.classes)
        for candidate in answer.top {
            let k = candidate.index
            #expect(abs(Double(found[k]) - truth.means[k]) <= tolerance)
            let deviation = Double(try #require(candidate.spread).standardDeviation)
            #expect(abs(deviation - truth.variances[k].squareRoot()) <= tolerance)
        }
        // Sums over labels: the tolerance is that of a label.
        let scale = tolerance * (link == .sigmoid ? Double(made.classes) : 1)
        let uncertainty = try #require(answer.uncertainty)
        let expected = try #require(uncertainty.expectedEntropy)
        #expect(abs(expected - truth.expectedEntropy) <= scale)
        #expect(abs(uncertainty.predictiveEntropy - truth.predictiveEntropy) <= scale)
    }

    // MARK: The choice

    @Test func `heads with other laws are sampled`() throws {
        for name in ["hetxl-softmax-full", "hetxl-softmax-independent", "het-softmax-efficient"] {
            let head = try HeteroscedasticFixtureTests.head(name)
            let features = try Truth("het/" + name).floats("features")
            let answer = try predictions(head, features, Self.options())[0]
            #expect(answer.uncertainty?.estimator != .quadrature)
        }
        let independent = MadeHead(isXL: true, classes: 9, deviation: 1, noise: .independent)
        let x = [Float](repeating: 0.5, count: MadeHead.features)
        let answer = try predictions(try independent.head(.softmax), x, Self.options())[0]
        #expect(answer.uncertainty?.estimator == .quasiMonteCarlo)
    }

    @Test(arguments: fixtures) func `seed and samples do not matter`(name: String) throws {
        let head = try HeteroscedasticFixtureTests.head(name)
        let features = try Truth("het/" + name).floats("features")
        let laws = try predictions(head, features, everything(samples: 9, seed: 1, topK: 4))
        var others = try predictions(head, features, everything(samples: 900, seed: 2, topK: 4))
        for row in others.indices { others[row].uncertainty?.seed = 1 }
        #expect(laws == others)
    }

    /// Slopes 12 Δ of one less, just, and one more than 4,095 intervals.
    @Test func `a steep law is sampled`() throws {
        for (width, count) in [(4094, 4095), (4095, 4096), (4096, nil)] as [(Float, Int?)] {
            #expect(NodeGrid([1, 1 + width / 12, 2])?.nodeCount == count)
        }
        let x = [Float](repeating: 0, count: MadeHead.features)
        for (deviation, estimator) in [(341.2, .quadrature), (341.3, .quasiMonteCarlo)]
            as [(Float, Estimator)]
        {
            var made = MadeHead(isXL: false, classes: 2, deviation: 1)
            // Softplus of the first bias is itself, of the second 0; both are divided by 0.8.
            made.file["opt/target/multiclass_head/diag_layer/bias"]?.values = [
                deviation * 0.8, -90,
            ]
            let head = try made.head(.softmax)
            let answer = try predictions(head, x, Self.options(samples: 60))[0]
            #expect(answer.uncertainty?.estimator == estimator)
            #expect(answer.uncertainty?.sampleCount == (estimator == .quadrature ? 0 : 64))
        }
    }

    /// Slopes and their shift are exact in float32, so the law is the same but for what a logit
    /// loses: nothing, as what is common is taken off. Without that, it would be 1e-3.
    @Test func `what is common to all slopes moves nothing`() throws {
        let context = ComputeContext(kernel: .threads(1))
        let (means, slopes) = ([0.5, -1, 2, 0] as [Float], [0.25, -1, 1.5, -0.75] as [Float])
        let laws = try [0, 8192].map { (shift: Float) in
            let logits = NormalLogits(means: means, scales: slopes.map { $0 + shift })
            return try #require(
                try Quadrature(link: .softmax, row: 0, members: [logits], context: context).law())
        }
        let (plain, shifted) = (laws[0], laws[1])
        for k in means.indices {
            #expect(abs(plain.means[k] - shifted.means[k]) <= 1e-6)
        }
    }

    /// A step is a half up to Δ = 2.
    @Test func `the step follows the slopes`() {
        for (width, count) in [(0, 25), (1.99, 25), (2, 25), (2.01, 26), (2.17, 28)]
            as [(Float, Int)]
        {
            #expect(NodeGrid([-width / 2, width / 2])?.nodeCount == count)
        }
        let grid = NodeGrid([0, 3])
        #expect(grid?.node(0).place == -6 && grid?.node(36).place == 6)
        #expect(grid?.node(18).place == 0 && grid?.node(18).weight == 1)
    }

    /// Both sides of the largest deviation that is integrated.
    @Test(arguments: [39.9, 40, 40.1, 55, 1e3] as [Float]) func `wide labels`(
        deviation: Float
    ) {
        for ratio in stride(from: Float(-9), through: 9, by: 0.5) {
            let s = Double(deviation)
            let label = WideLabel(mean: Double(ratio) * s, deviation: s)
            let truth = NormalLaw.label(mean: Double(ratio) * s, deviation: s)
            #expect(abs(label.probability - truth.means[0]) <= 1e-8)
            #expect(abs(label.variance - truth.variances[0]) <= 1e-8)
            #expect(abs(label.expectedEntropy - truth.expectedEntropy) <= 1e-8)
        }
    }

    @Test func `a wide label beyond all floats is 0 or 1`() {
        for mean in [-1e30, 1e30] {
            let label = WideLabel(mean: mean, deviation: 41)
            #expect(label.probability == (mean > 0 ? 1 : 0))
            #expect(label.variance == 0 && label.expectedEntropy == 0)
        }
    }
}
