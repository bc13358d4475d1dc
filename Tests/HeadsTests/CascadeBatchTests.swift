import Fixtures
import LogitKernels
import Predictions
import Testing

@testable import Heads

/// Cascades of many groups, in batches, against a ranking of every score.
@Suite struct CascadeBatchTests {
    private static let sizes = CascadeSearchTests.Sizes(heads: [130, 5], classes: 648, rows: 648)

    private static func options(_ count: Int) -> RowOptions {
        RowOptions(topK: count, sampleCount: 1, seed: 0, wantsProbabilities: false)
    }

    /// Every label below the best `beam` groups with its score, taken one by one, in order.
    private static func ranking(
        _ cascade: Cascade, _ x: [Float], _ kernel: LogitKernel
    ) -> [RankedLabel<Float>] {
        let (level, groups) = (cascade.levels[0], cascade.group.apply(x, rowCount: 1, kernel))
        let hidden = level.hidden.apply(x, rowCount: 1, kernel)
        let law = cascade.activation.law(groups.span, kernel)
        let order = groups.indices.sorted { (groups[$0], $1) > (groups[$1], $0) }
        let labels = order.prefix(cascade.beam).flatMap { group in
            let codes = level.candidates(of: group)
            let logits = level.embedding.scores(codes, hidden, kernel)
            let local = cascade.activation.law(logits.span, kernel)
            return zip(codes, logits).map { code, logit in
                RankedLabel(
                    index: code, value: Float(law.factor(groups[group]) * local.factor(logit)))
            }
        }
        return labels.filter { $0.index < cascade.radix.classCount }.sorted(by: >)
    }

    /// Beams around what is visited in the first waves and what is ranked at first.
    @Test(arguments: [HeadActivation.sigmoid, .softmax], [1, 2, 3, 10, 11, 31, 32, 33, 129, 130])
    func `the best labels are those of a full ranking`(_ activation: HeadActivation, _ beam: Int)
        throws
    {
        var random = SeededRandom(seed: 8)
        let (head, _, _) = try CascadeSearchTests.make(Self.sizes, activation, beam: beam, &random)
        // Features of a coarse grid, and scaled up until sigmoids saturate: ties are common.
        for scale: Float in [0, 0.5, 2, 30] {
            let x = random.floats(CascadeSearchTests.features).map { ($0 * 4).rounded() * scale }
            let ranking = Self.ranking(head.cascade, x, .threads(1))
            for count in [1, 2, 5, 6, 40, 648] {
                let top = try predictions(head, x, Self.options(count))[0].top
                #expect(top.map(\.index) == ranking.prefix(count).map(\.index))
                #expect(top.map(\.score) == ranking.prefix(count).map(\.value))
            }
        }
    }

    /// Rows share readings with their batch mates, which changes no answer.
    @Test(arguments: [1, 2, 3], [HeadActivation.sigmoid, .softmax])
    func `a row is answered alone as in any batch`(_ threads: Int, _ activation: HeadActivation)
        throws
    {
        var random = SeededRandom(seed: 9)
        for shape in CascadeSearchTests.shapes + [Self.sizes] {
            let beam = max(1, shape.heads[0] - 1)
            let (head, _, _) = try CascadeSearchTests.make(shape, activation, beam: beam, &random)
            let context = ComputeContext(kernel: .threads(threads))
            let rows = (0..<19).map { _ in random.floats(CascadeSearchTests.features) }
            let alone = try rows.map { try predictions(head, $0, Self.options(4))[0] }
            // Each row twice, so that some have all their prefixes in common.
            let batch = try predictions(
                head, (rows + rows.reversed()).flatMap { $0 }, Self.options(4), context: context)
            #expect(batch == alone + alone.reversed())
        }
    }

    /// Each row has options of its own: a list of another length, or none at all.
    @Test func `rows of a batch may want different counts`() throws {
        var random = SeededRandom(seed: 10)
        let (head, x, _) = try CascadeSearchTests.make(Self.sizes, .sigmoid, beam: 7, &random)
        let counts = [0, 1, 3, 35, 0, 2]
        let batch = FeatureBatch(
            features: counts.flatMap { _ in x }, options: counts.map(Self.options))
        let outcomes = head.predict(batch, ComputeContext(kernel: .threads(2)))
        for (outcome, count) in zip(outcomes, counts) {
            let alone = try predictions(head, x, Self.options(count))[0]
            #expect(outcome == .prediction(alone))
            #expect(alone.top.count == min(count, 35))
        }
    }

    @Test func `rows nobody wants are left out`() throws {
        var random = SeededRandom(seed: 11)
        let (head, x, _) = try CascadeSearchTests.make(Self.sizes, .sigmoid, beam: 7, &random)
        let batch = FeatureBatch(
            features: x + x + x, options: [RowOptions](repeating: Self.options(2), count: 3))
        let outcomes = head.predict(batch, ComputeContext(kernel: .threads(2)) { $0 != 1 })
        let alone = try predictions(head, x, Self.options(2))[0]
        #expect(outcomes == [.prediction(alone), .notWanted, .prediction(alone)])
    }

    /// Two groups of two labels; those of the second overflow. Its own factor is 2e-9, so that
    /// nobody who wants two labels visits it, though it is read along with the first.
    private static func overflowing() throws -> CascadeHead {
        func layer(_ rows: [Float]) -> DenseLayer {
            DenseLayer(
                weights: PackedWeights(
                    rows.span, outputCount: rows.count, inputCount: 1, layout: .outputMajor),
                bias: nil)
        }
        let table: [Float] = [1, 2, 2, 1, 3e38, 3e38, -3e38, -3e38]
        let level = CascadeLevel(
            hidden: layer([1, 1]), embedding: ScoreTable(values: table, width: 2), size: 2)
        return CascadeHead(
            cascade: Cascade(
                group: layer([10, -20]), levels: [level],
                radix: try #require(MixedRadix(sizes: [2, 2], classCount: 4)),
                activation: .sigmoid, task: .multiLabel, beam: 2),
            preLogits: nil)
    }

    @Test func `what is read ahead counts for nothing`() throws {
        let head = try Self.overflowing()
        for (count, isSound) in [(0, true), (1, true), (2, true), (3, false), (4, false)] {
            let batch = FeatureBatch(features: [1], options: [Self.options(count)])
            let outcome = head.predict(batch, ComputeContext(kernel: .threads(1)))[0]
            #expect((outcome != .overflow) == isSound)
        }
    }
}

/// Factors, and what a logit must reach for one.
@Suite struct FactorLawTests {
    /// No logit below the bound gives a score that enters; one a little above the factor does.
    @Test func `the least logit leaves nothing out`() {
        var random = SeededRandom(seed: 12)
        for law in [FactorLaw.sigmoid, .softmax(logSumExp: 3.25), .softmax(logSumExp: -80)] {
            for _ in 0..<2000 {
                let prefix = Double(Float.random(in: 0x1p-100...1, using: &random))
                let reach = Float.random(in: -90...20, using: &random)
                let score = Double(Float(prefix * law.factor(reach)))
                let least = law.leastLogit(score: score, prefix: prefix)
                #expect(least <= reach)
                var below = least.nextDown
                for step in 0..<200 where below > -.infinity {
                    #expect(Double(Float(prefix * law.factor(below))) < score)
                    below -= below.ulp * Float(1 << (step / 10))
                }
            }
        }
    }

    /// The bound is near: it lets through less than 2⁻²⁰ of the factor, or a few roundings of the
    /// logit, whichever is more.
    @Test func `the least logit is near`() {
        for law in [FactorLaw.sigmoid, .softmax(logSumExp: 3.25)] {
            for factor in [1e-30, 1e-9, 1e-3, 0.5, 0.9, 0.999] {
                let least = law.leastLogit(score: factor, prefix: 1)
                let reached = law.factor(least)
                #expect(reached <= factor)
                #expect(reached >= factor * (1 - 0x1p-20 - 4 * Double(least.ulp)))
            }
        }
    }

    @Test func `scores too small to compare leave all in`() {
        let least = Double(Float.leastNormalMagnitude)
        #expect(FactorLaw.sigmoid.leastLogit(score: 0, prefix: 0) == -.infinity)
        #expect(FactorLaw.sigmoid.leastLogit(score: least.nextDown, prefix: 1) == -.infinity)
        #expect(FactorLaw.sigmoid.leastLogit(score: least, prefix: 1) > -.infinity)
    }

    @Test func `a sole digit has the whole factor`() {
        let logits: [Float] = [-7]
        let law = HeadActivation.softmax.law(logits.span, .threads(1))
        #expect(law.factor(-7) == 1)
    }

    @Test(arguments: [Float.infinity, -.infinity, .nan])
    func `finite values are told from others`(_ odd: Float) {
        for count in 0...70 {
            var values = [Float](repeating: -.greatestFiniteMagnitude, count: count)
            let isFinite = areFinite(values.span)
            #expect(isFinite)
            for place in 0..<count {
                values[place] = odd
                let isStillFinite = areFinite(values.span)
                #expect(!isStillFinite)
                values[place] = 1
            }
        }
    }
}
