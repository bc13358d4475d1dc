import LogitKernels
import Testing

/// Rows, weights and the sums they should give, in Double, for one width.
private struct DenseCase {
    static let rowCount = 33
    static let classCount = 70
    let width: Int
    let inputs: [Float]
    let weights: [Float]
    let bias: [Float]

    init(width: Int, seed: UInt64) {
        var source = TestValues(seed: seed)
        self.width = width
        inputs = source.floats(Self.rowCount * width)
        weights = source.floats(Self.classCount * width)
        bias = source.floats(Self.classCount)
    }

    /// bias + Σ x·w and |bias| + Σ |x·w|.
    func truth(row: Int, output: Int) -> (sum: Double, size: Double) {
        var (sum, size) = (Double(bias[output]), Double(abs(bias[output])))
        for d in 0..<width {
            let product = Double(inputs[row * width + d]) * Double(weights[output * width + d])
            sum += product
            size += abs(product)
        }
        return (sum, size)
    }
}

private func dense(
    _ kernel: LogitKernel, _ inputs: [Float], rows: Int, _ weights: PackedWeights, bias: [Float]?
) -> [Float] {
    var output = [Float](repeating: .nan, count: rows * weights.outputCount)
    var span = output.mutableSpan
    if let bias {
        kernel.dense(inputs.span, rowCount: rows, weights, bias: bias.span, into: &span)
    } else {
        kernel.dense(inputs.span, rowCount: rows, weights, bias: nil, into: &span)
    }
    return output
}

private func transposed(_ values: [Float], rows: Int, columns: Int) -> [Float] {
    (0..<columns).flatMap { column in (0..<rows).map { values[$0 * columns + column] } }
}

@Suite(.everyInstructionSet) struct DenseTests {
    @Test(arguments: [1, 2, 3, 7, 16, 17, 64, 1000])
    func `matches Double for every class count and batch`(width: Int) {
        let data = DenseCase(width: width, seed: UInt64(width))
        let kernel = LogitKernel(threads: 2)
        let truths = (0..<DenseCase.rowCount).map { row in
            (0..<DenseCase.classCount).map { data.truth(row: row, output: $0) }
        }
        for classes in 1...DenseCase.classCount {
            let source = Array(data.weights[..<(classes * width)])
            let weights = PackedWeights(
                source.span, outputCount: classes, inputCount: width, layout: .outputMajor)
            let bias = Array(data.bias[..<classes])
            for rows in [1, 2, 3, 5, 8, 33] {
                let inputs = Array(data.inputs[..<(rows * width)])
                let output = dense(kernel, inputs, rows: rows, weights, bias: bias)
                let outside = output.indices.filter { i in
                    let (sum, size) = truths[i / classes][i % classes]
                    // D products and D additions in a row, the bias last: each term meets at most
                    // D + 1 roundings.
                    return !(abs(Double(output[i]) - sum) <= gamma(width + 1) * size)
                }
                #expect(outside.isEmpty, "K = \(classes), B = \(rows)")
            }
        }
    }

    @Test func `without bias is the sum alone`() {
        let data = DenseCase(width: 17, seed: 5)
        let weights = PackedWeights(
            data.weights.span, outputCount: 70, inputCount: 17, layout: .outputMajor)
        let kernel = LogitKernel(threads: 1)
        let bare = dense(kernel, data.inputs, rows: 33, weights, bias: nil)
        let biased = dense(kernel, data.inputs, rows: 33, weights, bias: data.bias)
        #expect(biased.bits == bare.indices.map { (bare[$0] + data.bias[$0 % 70]).bitPattern })
        let zeros = [Float](repeating: 0, count: 70)
        #expect(bare == dense(kernel, data.inputs, rows: 33, weights, bias: zeros))
    }

    @Test(arguments: [(1, 1), (3, 16), (17, 31), (64, 48), (5, 70)])
    func `both layouts pack to the same weights`(width: Int, classes: Int) {
        let data = DenseCase(width: width, seed: 6)
        let source = Array(data.weights[..<(classes * width)])
        let turned = transposed(source, rows: classes, columns: width)
        let kernel = LogitKernel(threads: 1)
        let first = PackedWeights(
            source.span, outputCount: classes, inputCount: width, layout: .outputMajor)
        let second = PackedWeights(
            turned.span, outputCount: classes, inputCount: width, layout: .inputMajor)
        let expected = dense(kernel, data.inputs, rows: 33, first, bias: nil)
        #expect(dense(kernel, data.inputs, rows: 33, second, bias: nil).bits == expected.bits)
    }

    @Test(arguments: [(7, 70), (64, 33), (1000, 16), (1, 1)])
    func `a row of a batch equals the row alone`(width: Int, classes: Int) {
        let data = DenseCase(width: width, seed: 7)
        let source = Array(data.weights[..<(classes * width)])
        let weights = PackedWeights(
            source.span, outputCount: classes, inputCount: width, layout: .outputMajor)
        let kernel = LogitKernel(threads: 2)
        let bias = Array(data.bias[..<classes])
        let batch = dense(kernel, data.inputs, rows: 33, weights, bias: bias)
        for row in 0..<33 {
            let inputs = Array(data.inputs[(row * width)..<((row + 1) * width)])
            let alone = dense(kernel, inputs, rows: 1, weights, bias: bias)
            #expect(alone.bits == Array(batch[(row * classes)..<((row + 1) * classes)]).bits)
        }
    }

    /// Each shape is above the threshold, one by classes, one by rows: 2¹⁸ = 262,144.
    @Test(arguments: [(1, 1300, 257), (900, 19, 33), (33, 70, 1000)])
    func `threads do not change a bit`(rows: Int, classes: Int, width: Int) {
        #expect(rows * classes * width > LogitKernel.parallelProducts)
        var source = TestValues(seed: 8)
        let inputs = source.floats(rows * width)
        let bias = source.floats(classes)
        let values = source.floats(classes * width)
        let weights = PackedWeights(
            values.span, outputCount: classes, inputCount: width,
            layout: .outputMajor)
        let one = dense(LogitKernel(threads: 1), inputs, rows: rows, weights, bias: bias)
        for threads in [2, 3] {
            let kernel = LogitKernel(threads: threads)
            #expect(dense(kernel, inputs, rows: rows, weights, bias: bias).bits == one.bits)
        }
    }

    @Test(arguments: [1, 2, 3, 5])
    func `spans of any alignment give the same bits`(offset: Int) {
        let data = DenseCase(width: 17, seed: 9)
        let kernel = LogitKernel(threads: 1)
        let aligned = PackedWeights(
            data.weights.span, outputCount: 70, inputCount: 17, layout: .outputMajor)
        let expected = dense(kernel, data.inputs, rows: 33, aligned, bias: data.bias)
        let gap = [Float](repeating: .nan, count: offset)
        let (inputs, shiftedWeights) = (gap + data.inputs, gap + data.weights)
        let bias = gap + data.bias
        let weights = PackedWeights(
            shiftedWeights.span.extracting(droppingFirst: offset), outputCount: 70, inputCount: 17,
            layout: .outputMajor)
        var output = gap + [Float](repeating: .nan, count: 33 * 70) + [-7]
        var whole = output.mutableSpan
        var span = whole._mutatingExtracting(offset..<(offset + 33 * 70))
        kernel.dense(
            inputs.span.extracting(droppingFirst: offset), rowCount: 33, weights,
            bias: bias.span.extracting(droppingFirst: offset), into: &span)
        #expect(Array(output[offset..<(offset + 33 * 70)]).bits == expected.bits)
        #expect(output[..<offset].allSatisfy { $0.isNaN } && output.last == -7)
    }

    @Test func `empty shapes give empty sums`() {
        let kernel = LogitKernel(threads: 2)
        let nothing: [Float] = []
        let none = PackedWeights(
            nothing.span, outputCount: 0, inputCount: 3, layout: .outputMajor)
        #expect(dense(kernel, [1, 2, 3], rows: 1, none, bias: []).isEmpty)
        let narrow = PackedWeights(
            nothing.span, outputCount: 2, inputCount: 0, layout: .inputMajor)
        #expect(dense(kernel, [], rows: 2, narrow, bias: [1, 2]) == [1, 2, 1, 2])
        #expect(dense(kernel, [], rows: 2, narrow, bias: nil) == [0, 0, 0, 0])
    }
}
