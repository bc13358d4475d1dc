import Fixtures
import LogitKernels
import Predictions
import Testing

@testable import Heads

/// The error of the difference of any two classes, from the sums or from a trace.
@Suite struct MarginVarianceTests {
    private static let (classes, rank) = (7, 3)

    /// Columns of the noise and the mean, of members with different leaders.
    private static func rows(_ member: Int) -> [Float] {
        var generator = SeededRandom(seed: UInt64(member + 1))
        var rows = (0..<(rank + 1) * classes).map { _ in Float.random(in: -1...1, using: &generator)
        }
        rows[rank * classes + 2 * member] = 1.5
        return rows
    }

    private static func samples(
        _ count: Int, members: Int, hasLatents: Bool
    ) throws -> RowSamples {
        let context = ComputeContext(kernel: .threads(2))
        let options = RowOptions(
            topK: 2, sampleCount: count, seed: 3, estimator: .only(.monteCarlo),
            wantsProbabilities: false)
        let sampler = RowSampler(
            rule: IndependentDraws(), link: .softmax, row: 0, options: options,
            tracesMargins: true, context: context, table: DrawTable(context))
        var samples = RowSamples(sampler)
        for member in 0..<members {
            try samples.add(logits(rows(member), context.kernel, hasLatents: hasLatents))
        }
        return samples
    }

    private static func logits(
        _ rows: [Float], _ kernel: LogitKernel, hasLatents: Bool
    ) -> MemberLogits {
        guard hasLatents else {
            return .shared(
                kernel.noisyLogits(
                    rows: rows.span, classCount: classes, bias: nil, temperature: 1,
                    precision: .float32))
        }
        return .latents(
            LatentSampler(
                mean: Array(rows.suffix(classes)), columns: Array(rows.dropLast(classes)),
                diagonalNoise: .shared, projection: nil), classCount: classes)
    }

    private static func variance(_ values: [Double]) -> Double {
        let mean = values.reduce(0, +) / Double(values.count)
        return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
    }

    /// A trace has each sample's bits. The sums of squares take 140 roundings of 2⁻²⁴ in float, and
    /// each difference, of a size with its deviation here, four: 300 of the variance, of which the
    /// error has half.
    @Test(arguments: [2, 97, 1057, 3000], [false, true])
    func `all pairs have the error of their differences`(count: Int, hasLatents: Bool) throws {
        for members in [1, 2] {
            let samples = try Self.samples(count, members: members, hasLatents: hasLatents)
            let lists = try samples.trace(Array(0..<Self.classes))
            for (j, k) in [(0, 1), (1, 0), (2, 0), (3, 2), (4, 5), (6, 3)] {
                let differences = zip(lists[j], lists[k]).map { Double($0) - Double($1) }
                let own = (0..<members).map {
                    Self.variance(Array(differences[$0 * count..<($0 + 1) * count]))
                }
                let mean = own.reduce(0, +) / Double(members)
                let error = (mean / Double(members * count)).squareRoot()
                let found = try #require(try IndependentDraws().differenceError(j, k, samples))
                #expect(abs(found / error - 1) <= 150 * 0x1p-24, "\(j) \(k) \(members)")
            }
        }
    }

    /// The leader is the class with the largest mean logit, or the first block's.
    @Test(arguments: [false, true]) func `the leader's pairs are not traced`(
        hasLatents: Bool
    ) throws {
        let one = try Self.samples(200, members: 1, hasLatents: hasLatents)
        #expect((1..<Self.classes).allSatisfy { one.differenceVariance(of: 0, $0) != nil })
        #expect(one.differenceVariance(of: 1, 2) == nil)
        let two = try Self.samples(200, members: 2, hasLatents: hasLatents)
        #expect(two.differenceVariance(of: 0, 2) != nil)
        #expect(two.differenceVariance(of: 0, 1) == nil)
    }
}
