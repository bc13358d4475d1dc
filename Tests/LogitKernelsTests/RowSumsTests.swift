import Glibc
import LogitKernels
import Testing

private struct Row {
    let kernel = LogitKernel(threads: 1)
    let logits: [Float]

    init(_ logits: [Float]) { self.logits = logits }

    var maxima: [Float] { Array(digests(RowLink(.softmax)).panelMaxima(0)) }

    func sums(_ link: RowLink) -> RowSums? { digests(link).sums(0) }

    private func digests(_ link: RowLink) -> RowDigests {
        kernel.digests(of: logits.span, rowCount: 1, link)
    }

    func probabilities(_ sums: RowSums, _ range: Range<Int>? = nil) -> [Float] {
        let part = logits.span.extracting(range ?? 0..<logits.count)
        return [Float](count: part.count) { kernel.probabilities(of: part, sums, into: &$0) }
    }
}

@Suite(.everyInstructionSet) struct RowSumsTests {
    /// Around the edges of a vector, a panel (32) and a tile (512).
    static let counts = [1, 2, 15, 16, 17, 31, 32, 33, 63, 64, 65, 511, 512, 513, 1025, 5000]

    @Test(arguments: counts) func `maxima are those of the panels`(classes: Int) {
        var source = TestValues(seed: UInt64(classes))
        let row = Row(source.floats(classes, scale: 50))
        let expected = stride(from: 0, to: classes, by: 32).map { first in
            row.logits[first..<min(first + 32, classes)].max() ?? .nan
        }
        #expect(row.maxima == expected)
    }

    /// Against float64; a scale of 64 is ArcFace's.
    @Test(arguments: counts, [1, 0.1, 64] as [Float])
    func `softmax matches Double`(classes: Int, scale: Float) throws {
        var source = TestValues(seed: UInt64(classes) + 1)
        let row = Row(source.floats(classes, scale: 5))
        let sums = try #require(row.sums(RowLink(.softmax, scale: scale)))
        // The reference starts from the scaled logits as floats, as the kernel does.
        let truth = SoftmaxReference(row.logits.map { $0 * scale })
        let probabilities = row.probabilities(sums)
        let outside = probabilities.indices.filter {
            !(abs(Double(probabilities[$0]) - truth.probabilities[$0]) <= truth.bounds[$0])
        }
        #expect(outside.isEmpty)
        #expect(abs(sums.entropy - truth.entropy) <= truth.entropyBound)
    }

    @Test(arguments: counts, [1, 20] as [Float])
    func `sigmoid matches Double`(classes: Int, spread: Float) throws {
        var source = TestValues(seed: UInt64(classes) + 2)
        let row = Row(source.floats(classes, scale: spread))
        let sums = try #require(row.sums(RowLink(.sigmoid)))
        let truth = SigmoidReference(row.logits)
        let probabilities = row.probabilities(sums)
        let outside = probabilities.indices.filter {
            !(ulps(probabilities[$0], truth.probabilities[$0]) <= 3)
        }
        #expect(outside.isEmpty)
        #expect(abs(sums.entropy - truth.entropy) <= truth.entropyBound)
    }

    @Test func `a logit has the same probability in any company`() throws {
        var source = TestValues(seed: 3)
        let row = Row(source.floats(600, scale: 10))
        for link in [RowLink(.softmax, scale: 0.7), RowLink(.sigmoid)] {
            let sums = try #require(row.sums(link))
            let all = row.probabilities(sums)
            for first in [0, 1, 31, 32, 100, 511, 580] {
                for count in [1, 7, 20] {
                    let part = row.probabilities(sums, first..<first + count)
                    #expect(part.bits == Array(all[first..<first + count]).bits)
                }
            }
        }
    }

    /// In the first place, in the last, in a panel that is cut short, and hidden among the rest.
    @Test(arguments: [Float.nan, .infinity, -.infinity, .greatestFiniteMagnitude])
    func `what is not finite has no sums`(value: Float) {
        for place in [0, 5, 31, 32, 511, 512, 599] {
            var source = TestValues(seed: 4)
            var logits = source.floats(600)
            logits[place] = value
            // The largest float is finite, but twice it is not.
            let isOverflow = value == .greatestFiniteMagnitude
            for link in [SampleMoments.Link.softmax, .sigmoid] {
                #expect(Row(logits).sums(RowLink(link, scale: 2))?.entropy == nil)
                #expect((Row(logits).sums(RowLink(link))?.entropy != nil) == isOverflow)
            }
        }
    }
}
