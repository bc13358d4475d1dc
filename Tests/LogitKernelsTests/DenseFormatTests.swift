import LogitKernels
import Testing

/// bfloat16 rounded by hand: 8 bits of mantissa, ties to even.
private func bfloat16(_ x: Float) -> Double {
    guard x != 0 else { return 0 }
    let unit = Double(x.magnitude.binade) * 0x1p-7
    return (Double(x) / unit).rounded(.toNearestOrEven) * unit
}

/// Integers -127...127 and their scale, as the kernels define them: in float, ties to even.
private func integers(_ values: ArraySlice<Float>) -> (scale: Float, values: [Int]) {
    let scale = (values.map(\.magnitude).max() ?? 0) / 127
    return (scale, values.map { scale > 0 ? Int(($0 / scale).rounded(.toNearestOrEven)) : 0 })
}

private struct FormatCase {
    let classes: Int
    let width: Int
    let rows: Int
    let weights: [Float]
    let inputs: [Float]
    let bias: [Float]

    init(classes: Int, width: Int, rows: Int) {
        (self.classes, self.width, self.rows) = (classes, width, rows)
        var source = TestValues(seed: UInt64(classes * 1000 + width))
        weights = source.floats(classes * width, scale: 0.3)
        inputs = source.floats(rows * width, scale: 4)
        bias = source.floats(classes)
    }

    func packed(_ format: WeightFormat) -> PackedWeights {
        PackedWeights(
            weights.span, outputCount: classes, inputCount: width, layout: .outputMajor,
            format: format)
    }

    func logits(_ format: WeightFormat, threads: Int = 2) -> [Float] {
        logits(packed(format), rows: 0..<rows, threads: threads)
    }

    func logits(_ weights: PackedWeights, rows: Range<Int>, threads: Int) -> [Float] {
        var output = [Float](repeating: .nan, count: rows.count * classes)
        var span = output.mutableSpan
        let range = (rows.lowerBound * width)..<(rows.upperBound * width)
        LogitKernel(threads: threads).dense(
            inputs.span.extracting(range), rowCount: rows.count, weights, bias: bias.span,
            into: &span)
        return output
    }
}

/// Every width around a word of 2 or 4 inputs and around the blocks of 128 to 1,024 inputs that
/// formats and sets have, every class count around a register and a panel, every row count around a
/// pass, a tile of 8 and a chunk of 64.
private let widths = [
    0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 33, 127, 128, 129, 255, 256, 257, 511, 512, 513, 1000, 1023,
    1024, 1025,
]
private let shapes = [1, 2, 15, 16, 17, 31, 32, 33, 63, 64, 65].flatMap { classes in
    [1, 2, 3, 4, 5, 7, 8, 9, 17, 65].map { (classes: classes, rows: $0) }
}

@Suite(.everyInstructionSet) struct DenseFormatTests {
    @Test(arguments: widths) func `bfloat16 is the sum of rounded products`(width: Int) {
        for shape in shapes where shape.classes * shape.rows * width <= 60_000 {
            let data = FormatCase(classes: shape.classes, width: width, rows: shape.rows)
            let output = data.logits(.bfloat16)
            let outside = output.indices.filter { i in
                let (row, k) = (i / data.classes, i % data.classes)
                var (sum, size) = (Double(data.bias[k]), Double(abs(data.bias[k])))
                for d in 0..<width {
                    let x = bfloat16(data.inputs[row * width + d])
                    let product = x * bfloat16(data.weights[k * width + d])
                    sum += product
                    size += abs(product)
                }
                // Products are exact; each term meets at most D + 1 roundings. Half a subnormal
                // float may be lost at each step.
                let bound = gamma(width + 1) * size + Double(width) * 0x1p-126
                return !(abs(Double(output[i]) - sum) <= bound)
            }
            #expect(outside.isEmpty, "\(shape)")
        }
    }

    /// The definition in integers has one answer, to the last bit.
    @Test(arguments: widths) func `int8 is the exact sum of integers`(width: Int) {
        for shape in shapes where shape.classes * shape.rows * width <= 60_000 {
            let data = FormatCase(classes: shape.classes, width: width, rows: shape.rows)
            let output = data.logits(.int8)
            let weights = (0..<data.classes).map { k in
                integers(data.weights[(k * width)..<((k + 1) * width)])
            }
            for row in 0..<data.rows {
                let x = integers(data.inputs[(row * width)..<((row + 1) * width)])
                let expected = weights.enumerated().map { k, w in
                    let sum = zip(x.values, w.values).reduce(0) { $0 + $1.0 * $1.1 }
                    return Float(sum) * (x.scale * w.scale) + data.bias[k]
                }
                let found = output[(row * data.classes)..<((row + 1) * data.classes)]
                #expect(Array(found).bits == expected.bits, "\(shape), row \(row)")
            }
        }
    }

    @Test(arguments: WeightFormat.allCases, [(33, 7), (70, 1000), (300, 64)])
    func `a row of a batch equals the row alone`(
        format: WeightFormat, shape: (classes: Int, width: Int)
    ) {
        let data = FormatCase(classes: shape.classes, width: shape.width, rows: 77)
        let weights = data.packed(format)
        let batch = data.logits(weights, rows: 0..<77, threads: 2)
        for row in 0..<77 {
            let alone = data.logits(weights, rows: row..<(row + 1), threads: 1)
            let same = batch[(row * data.classes)..<((row + 1) * data.classes)]
            #expect(alone.bits == Array(same).bits, "row \(row)")
        }
        let tail = data.logits(weights, rows: 5..<77, threads: 3)
        #expect(tail.bits == Array(batch[(5 * data.classes)...]).bits)
    }

    /// Tiles of every height in every mix, the chunk of 64 rows and the next, odd widths and class
    /// counts, and the ends of blocks.
    @Test(
        arguments: WeightFormat.allCases,
        [(1, 1), (31, 127), (33, 128), (65, 129), (33, 257), (7, 513), (33, 1025)])
    func `a batch of any size has the bytes of its rows alone`(
        format: WeightFormat, shape: (classes: Int, width: Int)
    ) {
        let data = FormatCase(classes: shape.classes, width: shape.width, rows: 129)
        let weights = data.packed(format)
        let alone = (0..<data.rows).flatMap {
            data.logits(weights, rows: $0..<($0 + 1), threads: 1)
        }
        for rows in Array(1...13) + Array(31...33) + [63, 64, 65, 128, 129] {
            for threads in [1, 2] {
                let batch = data.logits(weights, rows: 0..<rows, threads: threads)
                let same = alone[..<(rows * data.classes)]
                #expect(batch.bits == Array(same).bits, "\(rows) rows, \(threads) threads")
            }
        }
    }

    /// Rows of up to 2¹¹ words, or half and a quarter of it in sets that take words apart, fill the
    /// slab 64 at a time; wider ones share it in smaller chunks.
    @Test(arguments: WeightFormat.allCases, [511, 1023, 2047, 4095, 8191])
    func `chunks of wide rows have the bytes of their rows alone`(format: WeightFormat, below: Int)
    {
        for width in below...(below + 2) {
            let data = FormatCase(classes: 1, width: width, rows: 65)
            let weights = data.packed(format)
            let batch = data.logits(weights, rows: 0..<65, threads: 2)
            let alone = (0..<65).flatMap {
                data.logits(weights, rows: $0..<($0 + 1), threads: 1)
            }
            #expect(batch.bits == alone.bits, "\(width) inputs")
        }
    }

    /// More than 2¹⁴ words: the inputs pass through the slab block by block.
    @Test func `wide inputs are summed across blocks`() {
        for (format, width) in [
            (WeightFormat.float32, 16_385), (.bfloat16, 32_769), (.int8, 65_537),
        ] {
            let data = FormatCase(classes: 3, width: width, rows: 10)
            let weights = data.packed(format)
            let output = data.logits(weights, rows: 0..<10, threads: 1)
            var exact = Double(data.bias[2])
            for d in 0..<width {
                exact += Double(data.inputs[9 * width + d]) * Double(data.weights[2 * width + d])
            }
            // Σ|x·w| ≤ D · 4 · 0.3; of each product at most 2⁻⁷, or 1/127 of 4 · 0.3, is lost.
            let size = Double(width) * 1.2
            let lost = format == .float32 ? 0 : size / 127
            #expect(abs(Double(output[29]) - exact) <= gamma(width + 1) * size + lost)
            let alone = data.logits(weights, rows: 9..<10, threads: 1)
            #expect(alone.bits == Array(output[27...]).bits)
        }
    }

    /// The largest sum there is: 2¹⁷ · 127², just below 2³¹.
    @Test func `int8 sums of the greatest width do not overflow`() {
        let width = WeightFormat.int8.maxInputCount
        let ones = [Float](repeating: 127, count: width)
        let weights = PackedWeights(
            ones.span, outputCount: 1, inputCount: width, layout: .outputMajor, format: .int8)
        for sign in [1, -1] as [Float] {
            let inputs = ones.map { $0 * sign }
            var output: [Float] = [0]
            var span = output.mutableSpan
            LogitKernel(threads: 1).dense(
                inputs.span, rowCount: 1, weights, bias: nil, into: &span)
            #expect(output == [sign * Float(width * 127 * 127)])
        }
    }

    @Test func `int8 of zeros is zero and of non finite inputs is NaN`() {
        let weights: [Float] = [0, 0, 1, -2]
        let packed = PackedWeights(
            weights.span, outputCount: 2, inputCount: 2, layout: .outputMajor, format: .int8)
        let inputs: [Float] = [0, 0, 0x1p-140, 0, .infinity, 1, .nan, 1]
        var output = [Float](repeating: 7, count: 8)
        var span = output.mutableSpan
        LogitKernel(threads: 1).dense(inputs.span, rowCount: 4, packed, bias: nil, into: &span)
        #expect(output[..<4] == [0, 0, 0, 0])
        #expect(output[4...].allSatisfy { $0.isNaN })
    }

    @Test func `every set gives the same int8 logits`() {
        let data = FormatCase(classes: 70, width: 333, rows: 9)
        let here = data.logits(.int8)
        let portable = InstructionSet.$underTest.withValue(.baseline) { data.logits(.int8) }
        #expect(here.bits == portable.bits)
    }
}
