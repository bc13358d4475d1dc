import Fixtures
import LogitKernels
import Predictions
import Testing

@testable import Heads

/// A rule in two replicates, the second one with the draws of the first reflected at zero. It
/// stands in for a rule that has not been written yet, under the name of one.
struct MirroredDraws: SamplingRule {
    var estimator: Estimator { .quasiMonteCarlo }

    func plan(sampleCount: Int, maxSampleCount: Int) -> SamplingPlan {
        SamplingPlan(replicateCount: 2, samplesPerReplicate: (sampleCount + 1) / 2)
    }

    func fill(
        _ draws: inout MutableSpan<Float>, _ block: DrawBlock, from source: any NoiseSource,
        kernel: LogitKernel
    ) {
        var first = block
        first.replicate = 0
        source.fill(&draws, first, kernel: kernel)
        if block.replicate == 1 { for index in draws.indices { draws[index] = -draws[index] } }
    }

    func spreads(ofClasses classes: [Int], _ moments: EnsembleMoments) -> [SamplingSpread]? {
        let means = (0..<moments.replicateCount).map { moments.means(ofReplicate: $0) }
        return classes.map { index in
            SamplingSpread(
                standardError: Float(abs(means[0][index] - means[1][index]) / 2), interval: 0...1,
                standardDeviation: Float(moments.variance(of: index).squareRoot()))
        }
    }
}

/// The sampling of rows: the rule of each one, and its error.
@Suite struct SamplingRuleTests {
    private static let fixture = "hetxl-softmax-full"

    private static func head(_ rules: SamplingRules) throws -> HeteroscedasticHead {
        var head = try HeteroscedasticFixtureTests.head(fixture)
        head.rules = rules
        return head
    }

    private static func options(_ estimator: EstimatorChoice, seed: UInt64 = 3) -> RowOptions {
        RowOptions(
            topK: 3, sampleCount: 41, seed: seed, estimator: estimator, wantsProbabilities: true)
    }

    // MARK: The choice

    @Test(arguments: [SamplingPath.loadings, .latents])
    func `every row of a batch follows its own rule`(path: SamplingPath) throws {
        var head = try Self.head(SamplingRules(IndependentDraws(), MirroredDraws()))
        head.path = path
        let features = Array(
            try Truth("het/" + Self.fixture).floats("features").prefix(head.summary.inputCount))
        let choices: [EstimatorChoice] = [.only(.quasiMonteCarlo), .auto, .only(.monteCarlo)]
        let batch = FeatureBatch(
            features: choices.flatMap { _ in features }, options: choices.map { Self.options($0) })
        for threads in [1, 2] {
            let context = ComputeContext(kernel: .threads(threads))
            let outcomes = head.predict(batch, context)
            let found = outcomes.compactMap(Self.uncertainty)
            #expect(found.map(\.estimator) == [.quasiMonteCarlo, .monteCarlo, .monteCarlo])
            #expect(found.map(\.sampleCount) == [42, 41, 41])
            #expect(outcomes[1] == outcomes[2])
            for (index, choice) in choices.enumerated() {
                let alone = FeatureBatch(features: features, options: [Self.options(choice)])
                #expect(head.predict(alone, context) == [outcomes[index]])
            }
        }
    }

    private static func uncertainty(_ outcome: RowOutcome) -> Uncertainty? {
        guard case .prediction(let prediction) = outcome else { return nil }
        return prediction.uncertainty
    }

    private static func choice(_ estimator: EstimatorChoice, most: Int = .max) -> RowOptions {
        RowOptions(
            topK: 1, sampleCount: 1, maxSampleCount: most, seed: 0, estimator: estimator,
            wantsProbabilities: false)
    }

    @Test func `auto is the first rule of the list`() {
        let rules = SamplingRules(MirroredDraws(), IndependentDraws())
        #expect(rules.rule(for: Self.choice(.auto)).estimator == .quasiMonteCarlo)
        #expect(rules.rule(for: Self.choice(.only(.monteCarlo))).estimator == .monteCarlo)
        #expect(SamplingRules.all.rule(for: Self.choice(.auto)).estimator == .quasiMonteCarlo)
    }

    @Test(arguments: [(1, false), (15, false), (16, true), (17, true)])
    func `auto draws where a request may not have sixteen points`(most: Int, hasPoints: Bool) {
        let rules = SamplingRules.all
        let found = rules.rule(for: Self.choice(.auto, most: most))
        #expect(found.estimator == (hasPoints ? .quasiMonteCarlo : .monteCarlo))
        #expect(found.plan(sampleCount: most, maxSampleCount: most).sampleCount <= most)
        let named = rules.rule(for: Self.choice(.only(.quasiMonteCarlo), most: most))
        #expect(named.estimator == .quasiMonteCarlo)
    }

    @Test func `a rule by its name has a least number of samples`() {
        #expect(EstimatorChoice.auto.leastSampleCount == 1)
        #expect(EstimatorChoice.only(.monteCarlo).leastSampleCount == 1)
        #expect(EstimatorChoice.only(.quasiMonteCarlo).leastSampleCount == 16)
    }

    @Test func `the list has every rule that a request may name`() {
        for case .only(let estimator) in EstimatorChoice.allCases {
            #expect(SamplingRules.all.rule(named: estimator)?.estimator == estimator)
        }
    }

    // MARK: The error

    /// Probabilities of two classes over four samples: 1/2, 3/4, 1/4, 3/4 for the first.
    private static func moments(replicates: Int) -> EnsembleMoments {
        let logits: [[Float]] = [[0, 0], [1.098_612_3, 0], [0, 1.098_612_3], [1.098_612_3, 0]]
        let size = logits.count / replicates
        let parts = (0..<replicates).map { replicate in
            var part = SampleMoments(classCount: 2, link: .softmax)
            var block = logits[replicate * size..<(replicate + 1) * size].flatMap { $0 }
            var span = block.mutableSpan
            part.add(&span, sampleCount: size, kernel: .threads(1))
            return part
        }
        return EnsembleMoments([parts])
    }

    /// s² = (4·0.25² − 4·0.0625²)/3 about the mean 0.5625, error s/2. Logits are rounded to
    /// float32, which moves a probability by less than 1e-7.
    @Test func `independent draws err by their deviation over the root of their number`() throws {
        let spreads = try #require(
            IndependentDraws().spreads(ofClasses: [1, 0], Self.moments(replicates: 1)))
        let values = [0.5, 0.75, 0.25, 0.75]
        let variance = values.reduce(0) { $0 + ($1 - 0.5625) * ($1 - 0.5625) } / 3
        let error = (variance / 4).squareRoot()
        for (spread, mean) in zip(spreads, [0.4375, 0.5625]) {
            #expect(abs(Double(spread.standardDeviation) - variance.squareRoot()) <= 1e-6)
            #expect(abs(Double(spread.standardError) - error) <= 1e-6)
            #expect(abs(Double(spread.interval.lowerBound) - (mean - 3.182_446 * error)) <= 1e-6)
            #expect(abs(Double(spread.interval.upperBound) - (mean + 3.182_446 * error)) <= 1e-6)
        }
    }

    @Test func `an interval ends at 0 and at 1`() {
        for mean in [0, 0.01, 0.99, 1] {
            let spread = SamplingSpread(mean: mean, standardError: 0.25, quantile: 2, variance: 1)
            #expect(spread.interval.lowerBound == max(0, Float(mean - 0.5)))
            #expect(spread.interval.upperBound == min(1, Float(mean + 0.5)))
        }
    }

    @Test func `one draw has no spread`() {
        var part = SampleMoments(classCount: 2, link: .softmax)
        var block: [Float] = [1, 2]
        var span = block.mutableSpan
        part.add(&span, sampleCount: 1, kernel: .threads(1))
        let rule = IndependentDraws()
        #expect(rule.spreads(ofClasses: [0], EnsembleMoments([[part]])) == nil)
        // Members are strata: one draw of each says nothing of the noise within any of them.
        #expect(rule.spreads(ofClasses: [0], EnsembleMoments([[part], [part]])) == nil)
    }

    /// Means of the replicates: 0.625 and 0.5, and 0.5625 in all.
    @Test func `a rule may tell its error by replicates`() throws {
        let moments = Self.moments(replicates: 2)
        #expect(moments.replicateCount == 2)
        #expect([moments.sampleCount, moments.samplesPerMember] == [4, 4])
        #expect(abs(moments.means[0] - 0.5625) <= 1e-7)
        let spread = try #require(MirroredDraws().spreads(ofClasses: [0], moments))[0]
        #expect(abs(spread.standardError - 0.0625) <= 1e-7)
    }

    // MARK: Draws

    @Test func `replicates have streams of their own`() {
        var seen: Set<[Float]> = []
        for (member, replicate) in [(0, 0), (0, 1), (0, 15), (1, 0)] {
            var draws = [Float](repeating: 0, count: 6)
            var span = draws.mutableSpan
            CounterNoise().fill(
                &span,
                DrawBlock(
                    row: 0, seed: 1, member: member, replicate: replicate, firstSample: 0,
                    sampleCount: 3, dimensionCount: 2),
                kernel: .threads(1))
            seen.insert(draws)
        }
        #expect(seen.count == 4)
    }
}
