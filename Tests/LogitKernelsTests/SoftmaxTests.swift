import Glibc
import LogitKernels
import Testing

private func softmax(_ logits: [Float]) -> (probabilities: [Float], summary: SoftmaxSummary) {
    var row = logits
    var span = row.mutableSpan
    let summary = LogitKernel(threads: 1).softmax(&span)
    return (row, summary)
}

@Suite(.everyInstructionSet) struct SoftmaxTests {
    /// Around the edges of a lane (16) and of a tile (512), at moderate and at steep logits.
    @Test(arguments: [1, 2, 15, 16, 17, 511, 512, 513, 1025, 5000], [1, 20, 1e4] as [Float])
    func `matches Double`(classes: Int, scale: Float) {
        var source = TestValues(seed: UInt64(classes))
        let logits = source.floats(classes, scale: scale)
        let (probabilities, summary) = softmax(logits)
        let truth = SoftmaxReference(logits)
        let outside = probabilities.indices.filter {
            !(abs(Double(probabilities[$0]) - truth.probabilities[$0]) <= truth.bounds[$0])
        }
        #expect(outside.isEmpty)
        #expect(abs(summary.entropy - truth.entropy) <= truth.entropyBound)
        #expect(abs(summary.logSumExp - truth.logSumExp) <= truth.logSumExpBound)
        #expect(summary.entropy >= 0)
        // Each probability is rounded once more: half an ulp of itself, so 2⁻²⁴ of their sum.
        let total = probabilities.reduce(0) { $0 + Double($1) }
        #expect(abs(total - 1) <= 0x1p-24)
    }

    @Test func `equal logits are uniform at any height`() {
        for (height, classes) in [(0, 7), (1e4, 600), (-1e4, 33), (3e38, 3)] as [(Float, Int)] {
            let (probabilities, summary) = softmax(Array(repeating: height, count: classes))
            #expect(probabilities.allSatisfy { $0 == 1 / Float(classes) })
            // ln K in Double to a few roundings.
            #expect(abs(summary.entropy - Glibc.log(Double(classes))) <= 1e-14)
            let expected = Double(height) + Glibc.log(Double(classes))
            #expect(abs(summary.logSumExp - expected) <= 1e-15 * max(10, abs(expected)))
        }
    }

    @Test func `a single class is certain`() {
        for logit in [0, 1e4, -1e4, .infinity, -.infinity, .nan] as [Float] {
            let (probabilities, summary) = softmax([logit])
            #expect(probabilities == [1] && summary.entropy == 0)
            #expect(summary.logSumExp.isFinite)
        }
    }

    @Test func `a dominant class takes all`() {
        let (probabilities, summary) = softmax([-1e4, 1e4, -1e4])
        #expect(probabilities == [0, 1, 0])
        #expect(summary.entropy == 0 && summary.logSumExp == 1e4)
    }

    @Test func `minus infinity and NaN have no probability`() {
        let (probabilities, summary) = softmax([-.infinity, 2, .nan, 2, -.infinity])
        #expect(probabilities == [0, 0.5, 0, 0.5, 0])
        #expect(abs(summary.entropy - Glibc.log(2)) <= 1e-15)
    }

    @Test func `plus infinity takes all and shares it`() {
        #expect(softmax([1, .infinity, 3e38]).probabilities == [0, 1, 0])
        #expect(softmax([.infinity, .nan, .infinity, 1]).probabilities == [0.5, 0, 0.5, 0])
    }

    @Test func `a row without any finite logit is uniform`() {
        for logit in [-.infinity, .nan, .infinity] as [Float] {
            let (probabilities, summary) = softmax([logit, logit, logit, logit])
            #expect(probabilities == [0.25, 0.25, 0.25, 0.25])
            #expect(abs(summary.entropy - Glibc.log(4)) <= 1e-15)
        }
    }

    @Test func `alignment does not change a bit`() {
        var source = TestValues(seed: 4)
        let logits = source.floats(1030, scale: 10)
        let expected = softmax(logits)
        for offset in 1...3 {
            var shifted = [Float](repeating: 1e30, count: offset) + logits
            var whole = shifted.mutableSpan
            var span = whole._mutatingExtracting(offset...)
            let summary = LogitKernel(threads: 1).softmax(&span)
            #expect(Array(shifted[offset...]).bits == expected.probabilities.bits)
            #expect(summary.entropy.bitPattern == expected.summary.entropy.bitPattern)
        }
    }
}
