import Fixtures
import Glibc
import LogitKernels
import Predictions
import Testing

@testable import Heads

/// The probability of labels that an answer does not list.
@Suite struct ResidualTests {
    private static let kernel = LogitKernel(pool: ComputePool(threadCount: 1))

    /// Each probability is within 3 ulp of its own, 3·2⁻²³ of it, and rounded to float32 once more.
    private static let relative = 4 * 0x1p-23

    /// The residual beside so many labels, and the same from doubles.
    private static func residuals(
        _ logits: [Float], _ listed: Int
    ) throws -> (found: Double, truth: Double) {
        let row = RowRanking(logits.span, RowLink(.softmax), kernel)
        let ranking = try #require(row)
        let best = ranking.best(listed, of: logits.span)
        let found = ranking.residual(besides: best, of: logits.span)
        return (found, truth(logits, Set(best.map(\.index))))
    }

    /// Small numbers first.
    private static func truth(_ logits: [Float], _ listed: Set<Int>) -> Double {
        let peak = Double(logits.max() ?? 0)
        let weights = logits.enumerated().map { ($0, exp(Double($1) - peak)) }
            .sorted { $0.1 < $1.1 }
        let total = weights.reduce(0.0) { $0 + $1.1 }
        let rest = weights.filter { !listed.contains($0.0) }.reduce(0.0) { $0 + $1.1 }
        return rest / total
    }

    /// From 1/64 on, the difference has the errors of the whole list.
    @Test func `residuals of any size are those of the other labels`() throws {
        var random = SeededRandom(seed: 7)
        for reach: Float in [1, 5, 20, 60] {
            for count in [1, 2, 31, 33, 700] {
                let logits = random.floats(count, in: -reach...reach)
                for listed in [0, 1, 2, 5, count - 1, count, count + 1] where listed >= 0 {
                    let (found, truth) = try Self.residuals(logits, listed)
                    #expect(abs(found - truth) <= 64 * Self.relative * truth)
                    #expect(found >= 0 && found.sign == .plus && found <= 1)
                }
            }
        }
    }

    @Test(arguments: [3, 10, 30, 80, 85] as [Float])
    func `a small residual has all its digits`(lead: Float) throws {
        let logits = [0, lead, -1, 0.5] + [Float](repeating: -2, count: 60)
        let (found, truth) = try Self.residuals(logits, 1)
        #expect(abs(found - truth) <= 64 * Self.relative * truth)
    }

    @Test func `sums leave out the listed`() {
        let values = [0.5, 0.25, 0.125, 0.125]
        #expect(Residual.sum(of: values, besides: []) == 1)
        #expect(Residual.sum(of: values, besides: [2, 0]) == 0.375)
        #expect(Residual.sum(of: values, besides: [3, 1, 2, 0]) == 0)
        #expect(Residual.sum(of: [0.75, 0.75], besides: [1]) == 0.75)
        #expect(Residual.sum(of: [1, 1, 1], besides: [0]) == 1)
        let numbers: [Float] = [4, 5, 6, 7]
        let (some, all) = (
            Residual.others(than: [0, 2], of: numbers.span),
            Residual.others(than: [], of: numbers.span)
        )
        #expect(some == [5, 7] && all == numbers)
    }

    @Test(arguments: [
        "mhe/mhs", "mhe/arcface-mhs", "mhe/mhp-3heads", "mhe/mhc-2heads", "mhe/mhc-3heads",
        "het/hetxl-softmax-full", "het/hetxl-softmax-independent",
    ])
    func `list and residual are one`(_ name: String) throws {
        let head = try Model.load(path: Fixtures.folder(name)).head
        let features = try Truth(name).floats("features")
        for topK in [0, 1, 2, 7, head.summary.classCount] {
            for answer in try predictions(head, features, everything(samples: 50, topK: topK)) {
                let residual = Double(try #require(answer.uncertainty?.residualProbability))
                let listed = answer.top.compactMap(\.probability).reduce(0.0) { $0 + Double($1) }
                // Errors of float32 probabilities that sum to one, and of means of such.
                #expect(abs(listed + residual - 1) <= 1e-6)
                let all = try #require(answer.probabilities)
                let others = Set(all.indices).subtracting(answer.top.map(\.index))
                let rest = others.reduce(0.0) { $0 + Double(all[$1]) }
                #expect(abs(residual - rest) <= 64 * Self.relative * rest + 1e-14)
                #expect(residual >= 0 && residual.sign == .plus && residual <= 1)
                if topK == 0 { #expect(residual == 1) }
                if topK == all.count { #expect(residual == 0) }
            }
        }
    }

    @Test func `labels with probabilities of their own have none`() throws {
        let name = "het/het-sigmoid-full"
        let head = try Model.load(path: Fixtures.folder(name)).head
        for answer in try predictions(
            head, try Truth(name).floats("features"), everything(samples: 5, topK: 3))
        {
            #expect(answer.uncertainty?.residualProbability == nil)
        }
    }
}
