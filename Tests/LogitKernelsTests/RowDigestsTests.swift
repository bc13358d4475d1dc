import Glibc
import LogitKernels
import Testing

/// One row's digest in comparable form.
private struct Brief: Equatable {
    let maxima: [UInt32]
    let entropy: UInt64?
    let probabilities: [UInt32]

    init(_ digests: RowDigests, _ row: Int, _ kernel: LogitKernel) {
        maxima = Array(digests.panelMaxima(row)).bits
        let sums = digests.sums(row)
        entropy = sums?.entropy.bitPattern
        let largest = digests.pieceMaxima(row)
        probabilities =
            sums.map { sums in
                [Float](count: largest.count) {
                    kernel.probabilities(of: largest.span, sums, into: &$0)
                }
            }?.bits ?? []
    }
}

/// Rows of a layer, and the digests of them in either way.
private struct LayerCase {
    static let width = 5
    let rowCount: Int
    let classCount: Int
    let inputs: [Float]
    let bias: [Float]
    let weights: PackedWeights

    init(rowCount: Int, classCount: Int, _ format: WeightFormat) {
        var source = TestValues(seed: UInt64(classCount))
        (self.rowCount, self.classCount) = (rowCount, classCount)
        inputs = source.floats(rowCount * Self.width, scale: 3)
        bias = source.floats(classCount)
        weights = PackedWeights(
            source.floats(classCount * Self.width, scale: 2).span, outputCount: classCount,
            inputCount: Self.width, layout: .outputMajor, format: format)
    }

    func logits(_ kernel: LogitKernel) -> [Float] {
        [Float](count: rowCount * classCount) {
            kernel.dense(
                inputs.span, rowCount: rowCount, weights, bias: bias.span, into: &$0)
        }
    }

    func computed(_ kernel: LogitKernel, _ link: RowLink, rows: Range<Int>) -> [Brief] {
        let part = inputs.span.extracting(
            rows.lowerBound * Self.width..<rows.upperBound * Self.width)
        let digests = kernel.digests(
            part, rowCount: rows.count, weights, bias: bias.span, link)
        return (0..<rows.count).map { Brief(digests, $0, kernel) }
    }
}

@Suite(.everyInstructionSet) struct RowDigestsTests {
    /// Around the edges of a vector, a panel (32), a tile (512) and a piece (2048).
    static let counts = Array(1...33) + [1000, 2047, 2048, 2049, 4096, 4097, 100_003]

    @Test(arguments: counts, [1, 64] as [Float])
    func `softmax matches Double`(classes: Int, scale: Float) throws {
        var source = TestValues(seed: UInt64(classes) + 1)
        let kernel = LogitKernel(threads: 2)
        let logits = source.floats(classes, scale: 5)
        let digests = kernel.digests(of: logits.span, rowCount: 1, RowLink(.softmax, scale: scale))
        let sums = try #require(digests.sums(0))
        let truth = SoftmaxReference(logits.map { $0 * scale })
        let probabilities = [Float](count: classes) {
            kernel.probabilities(of: logits.span, sums, into: &$0)
        }
        let outside = probabilities.indices.filter {
            !(abs(Double(probabilities[$0]) - truth.probabilities[$0]) <= truth.bounds[$0])
        }
        #expect(outside.isEmpty)
        #expect(abs(sums.entropy - truth.entropy) <= truth.entropyBound)
    }

    @Test(arguments: [33, 2049, 100_003])
    func `sigmoid matches Double`(classes: Int) throws {
        var source = TestValues(seed: UInt64(classes) + 2)
        let logits = source.floats(classes, scale: 20)
        let digests = LogitKernel(threads: 2).digests(
            of: logits.span, rowCount: 1, RowLink(.sigmoid))
        let truth = SigmoidReference(logits)
        #expect(abs(try #require(digests.sums(0)).entropy - truth.entropy) <= truth.entropyBound)
    }

    /// Pieces whose largest logits are far apart, to the ends of float32.
    @Test(arguments: [30, 1000, 1e30] as [Float])
    func `steps between pieces are those of one row`(step: Float) throws {
        let logits = (0..<5000).map { Float($0 / 2048) * step }
        let kernel = LogitKernel(threads: 1)
        let sums = try #require(
            kernel.digests(of: logits.span, rowCount: 1, RowLink(.softmax)).sums(0))
        let truth = SoftmaxReference(logits)
        #expect(abs(sums.entropy - truth.entropy) <= truth.entropyBound)
        #expect(sums.entropy >= 0)
    }

    /// Alone or in a batch, on one thread or three, with logits in memory or without.
    @Test(arguments: [WeightFormat.float32, .bfloat16, .int8], [31, 2048, 2049, 20_000])
    func `a row has the same bits in any company`(_ format: WeightFormat, classes: Int) {
        let data = LayerCase(rowCount: 67, classCount: classes, format)
        for link in [RowLink(.softmax, scale: 0.7), RowLink(.sigmoid)] {
            let kernel = LogitKernel(threads: 1)
            let logits = data.logits(kernel)
            let digests = kernel.digests(of: logits.span, rowCount: data.rowCount, link)
            let expected = (0..<data.rowCount).map { Brief(digests, $0, kernel) }
            for threads in [1, 3] {
                let kernel = LogitKernel(threads: threads)
                #expect(data.computed(kernel, link, rows: 0..<data.rowCount) == expected)
                for row in [0, 40, 66] {
                    #expect(data.computed(kernel, link, rows: row..<row + 1) == [expected[row]])
                }
                let again = kernel.digests(of: logits.span, rowCount: data.rowCount, link)
                #expect((0..<data.rowCount).map { Brief(again, $0, kernel) } == expected)
            }
        }
    }

    @Test(arguments: [WeightFormat.float32, .bfloat16, .int8])
    func `logits of a range are those of all`(_ format: WeightFormat) {
        let data = LayerCase(rowCount: 1, classCount: 3000, format)
        let kernel = LogitKernel(threads: 1)
        let logits = data.logits(kernel)
        for range in [0..<1, 31..<33, 64..<96, 2047..<2049, 2976..<3000, 0..<3000, 5..<5] {
            let part = kernel.withLogits(
                data.inputs.span, data.weights, bias: data.bias.span, of: range
            ) { span in span.indices.map { span[$0] } }
            #expect(part.bits == Array(logits[range]).bits)
        }
    }

    /// In the first piece, at its edges, and in the last one.
    @Test(arguments: [Float.nan, .infinity, -.infinity, .greatestFiniteMagnitude])
    func `what is not finite has no sums`(value: Float) {
        for place in [0, 2047, 2048, 4999] {
            var source = TestValues(seed: 4)
            var logits = source.floats(5000)
            logits[place] = value
            let kernel = LogitKernel(threads: 2)
            // The largest float is finite, but twice it is not.
            let isOverflow = value == .greatestFiniteMagnitude
            for link in [SampleMoments.Link.softmax, .sigmoid] {
                let doubled = kernel.digests(of: logits.span, rowCount: 1, RowLink(link, scale: 2))
                let once = kernel.digests(of: logits.span, rowCount: 1, RowLink(link))
                #expect(doubled.sums(0)?.entropy == nil)
                #expect((once.sums(0)?.entropy != nil) == isOverflow)
            }
        }
    }
}
