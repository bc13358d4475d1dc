import Fixtures
import LogitKernels
import Predictions
import Testing

@testable import Heads

/// Answers to a tolerance and to a certificate from heads that sample nothing.
@Suite struct SettledTests {
    static func answers(
        _ name: String, topK: Int, _ change: (inout RowDetails) -> Void
    ) throws -> [Uncertainty] {
        var options = everything(samples: 30, topK: topK)
        change(&options.details)
        return try ListingTests.answers(name, options).compactMap(\.uncertainty)
    }

    @Test(arguments: ["mhe/mhs", "mhe/arcface-mhs", "mhe/mhp-3heads", "mhe/mhc-2heads"])
    func `exact answers are within any tolerance, and their leader is proven`(
        _ name: String
    ) throws {
        for topK in 0...3 {
            let plain = try Self.answers(name, topK: topK) { _ in }
            #expect(!plain.isEmpty)
            #expect(plain.allSatisfy { $0.isConverged == nil && $0.isCertified == nil })
            let exact = try Self.answers(name, topK: topK) { $0.tolerance = .leastNonzeroMagnitude }
            #expect(exact.allSatisfy { $0.isConverged == true && $0.isCertified == nil })
            let proven = try Self.answers(name, topK: topK) { $0.certifyDelta = 1e-9 }
            for (all, found) in zip(plain, proven) {
                #expect(found.isCertified == true && found.isConverged == nil)
                #expect(found.margin == all.margin && found.sampleCount == all.sampleCount)
                #expect(found.residualProbability == all.residualProbability)
                #expect(found.marginStandardError == nil)
            }
        }
    }

    @Test(
        arguments: [
            "het/het-sigmoid-full", "het/hetxl-sigmoid-efficient", "het/hetxl-softmax-diagonal",
        ])
    func `so is a known law, and no sample`(_ name: String) throws {
        let plain = try Self.answers(name, topK: 1) { _ in }
        let exact = try Self.answers(name, topK: 1) { $0.tolerance = .leastNonzeroMagnitude }
        let proven = try Self.answers(name, topK: 1) { $0.certifyDelta = 1e-9 }
        #expect(plain.allSatisfy { $0.isConverged == nil && $0.isCertified == nil })
        #expect(exact.allSatisfy { $0.isConverged == true && $0.isCertified == nil })
        #expect(proven.allSatisfy { $0.isConverged == nil && $0.isCertified == true })
        #expect(plain.allSatisfy { $0.estimator == .quadrature })
    }

    /// Rows of logits whose two best are equal, one after the other, and a row of one label.
    @Test(arguments: [SampleMoments.Link.softmax, .sigmoid], 0...2)
    func `equal leaders prove nothing`(link: SampleMoments.Link, topK: Int) throws {
        let (link, kernel) = (RowLink(link), LogitKernel.threads(1))
        var options = RowOptions(topK: topK, sampleCount: 1, seed: 0, wantsProbabilities: false)
        options.details.certifyDelta = 0.05
        let rows: [([Float], Bool)] = [
            ([1, 2, 2], false), ([2, 1, 2], false), ([2, 2.001, 1], true), ([3], true),
            ([0, 0], false),
        ]
        for (logits, isProven) in rows {
            let answers = [
                ExactAnswer.row(logits.span, RowRanking(logits.span, link, kernel), options),
                ExactAnswer.distribution(
                    Self.probabilities(logits, link, kernel), entropy: 0, options),
                ExactAnswer.labels(Self.probabilities(logits, link, kernel), options),
            ]
            for answer in answers {
                guard case .prediction(let prediction) = answer else {
                    Issue.record("no prediction")
                    return
                }
                #expect(prediction.uncertainty?.isCertified == isProven, "\(logits)")
                #expect(prediction.top.count == min(topK, logits.count))
            }
        }
    }

    private static func probabilities(
        _ logits: [Float], _ link: RowLink, _ kernel: LogitKernel
    ) -> [Float] {
        RowRanking(logits.span, link, kernel)?.probabilities(of: logits.span) ?? []
    }
}
