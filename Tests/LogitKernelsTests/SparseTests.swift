import LogitKernels
import Testing

/// Rows with few values, sparse and as a matrix, and weights of every format.
private struct SparseCase {
    let classes: Int
    let width: Int
    var columns: [UInt32] = []
    var values: [Float] = []
    var ranges: [Range<Int>] = []
    let weights: [Float]
    let bias: [Float]

    /// One row for each of `counts`, its columns anywhere.
    init(classes: Int, width: Int, counts: [Int], scale: Float = 1) {
        var source = TestValues(seed: UInt64(classes * 1000 + width))
        (self.classes, self.width) = (classes, width)
        weights = source.floats(classes * width, scale: scale)
        bias = source.floats(classes)
        for count in counts {
            var left = Array(0..<UInt32(width))
            for place in 0..<count {
                left.swapAt(place, place + Int(source.word() % UInt64(width - place)))
            }
            ranges.append(columns.count..<columns.count + count)
            columns += left.prefix(count).sorted()
            values += source.floats(count, scale: scale)
        }
    }

    var matrix: [Float] {
        var matrix = [Float](repeating: 0, count: ranges.count * width)
        for (row, range) in ranges.enumerated() {
            for index in range { matrix[row * width + Int(columns[index])] = values[index] }
        }
        return matrix
    }

    func packed(_ format: WeightFormat) -> PackedWeights {
        PackedWeights(
            weights.span, outputCount: classes, inputCount: width, layout: .outputMajor,
            format: format)
    }

    func dense(_ weights: PackedWeights, hasBias: Bool = true) -> [Float] {
        var output = [Float](repeating: .nan, count: ranges.count * classes)
        var span = output.mutableSpan
        let (kernel, matrix, rowCount) = (LogitKernel(threads: 1), matrix, ranges.count)
        if hasBias {
            kernel.dense(matrix.span, rowCount: rowCount, weights, bias: bias.span, into: &span)
        } else {
            kernel.dense(matrix.span, rowCount: rowCount, weights, bias: nil, into: &span)
        }
        return output
    }

    /// The rows `chosen`, one after the other.
    func sparse(
        _ weights: PackedWeights, rows chosen: [Int]? = nil, threads: Int = 1, hasBias: Bool = true
    ) -> [Float] {
        let chosen = chosen ?? Array(ranges.indices)
        let inputs = SparseInputs(
            columns: columns.span, values: values.span,
            rows: chosen.enumerated().map { SparseRow(ranges[$1], outputRow: $0) },
            format: weights.format)
        var output = [Float](repeating: .nan, count: chosen.count * classes)
        var span = output.mutableSpan
        let kernel = LogitKernel(threads: threads)
        if hasBias {
            kernel.sparse(inputs, weights, bias: bias.span, into: &span)
        } else {
            kernel.sparse(inputs, weights, bias: nil, into: &span)
        }
        return output
    }
}

@Suite(.everyInstructionSet) struct SparseTests {
    /// Every width and count around a word of 2 or 4 inputs, every class count around a register
    /// and a panel.
    @Test(arguments: WeightFormat.allCases, [0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 33])
    func `every count of values gives the bits of dense`(format: WeightFormat, width: Int) {
        for classes in [1, 2, 15, 16, 17, 31, 32, 33, 63, 64, 65, 97] {
            let data = SparseCase(classes: classes, width: width, counts: Array(0...width))
            let weights = data.packed(format)
            #expect(data.sparse(weights).bits == data.dense(weights).bits, "K = \(classes)")
            #expect(
                data.sparse(weights, hasBias: false).bits
                    == data.dense(weights, hasBias: false).bits, "K = \(classes)")
        }
    }

    /// Counts around the distance of prefetching, widths below and above what the dense kernel's
    /// slab holds of a tile (2¹⁴ words).
    @Test(arguments: WeightFormat.allCases, [1000, 16_384, 16_385])
    func `wide rows give the bits of dense`(format: WeightFormat, width: Int) {
        let counts = [0, 1, 30, 31, 32, 33, 34, 63, 64, 65, 200, width]
        let data = SparseCase(classes: 33, width: width, counts: counts)
        let weights = data.packed(format)
        #expect(data.sparse(weights).bits == data.dense(weights).bits)
    }

    @Test(arguments: [1, 5, 31, 32, 33, 64, 200])
    func `matches Double`(count: Int) {
        let data = SparseCase(classes: 65, width: 5000, counts: [count])
        let output = data.sparse(data.packed(.float32))
        for (k, logit) in output.enumerated() {
            var (sum, size) = (Double(data.bias[k]), Double(abs(data.bias[k])))
            for (column, value) in zip(data.columns, data.values) {
                let product = Double(value) * Double(data.weights[k * data.width + Int(column)])
                sum += product
                size += abs(product)
            }
            // As for dense, of n values in place of D.
            #expect(abs(Double(logit) - sum) <= gamma(count + 1) * size)
        }
    }

    @Test(arguments: WeightFormat.allCases)
    func `zeros that are named change nothing`(format: WeightFormat) {
        var data = SparseCase(classes: 33, width: 70, counts: [9, 9, 9])
        for index in data.values.indices where index % 3 != 0 {
            data.values[index] = index % 2 == 0 ? 0 : -0.0
        }
        let weights = data.packed(format)
        let named = data.sparse(weights)
        #expect(named.bits == data.dense(weights).bits)
        var bare = data
        (bare.columns, bare.values) = ([], [])
        bare.ranges = data.ranges.map { range in
            let first = bare.values.count
            for index in range where data.values[index] != 0 {
                bare.columns.append(data.columns[index])
                bare.values.append(data.values[index])
            }
            return first..<bare.values.count
        }
        #expect(bare.sparse(weights).bits == named.bits)
    }

    /// A product that a fused multiply-add rounds to −0 would leave its sign in the sum, until a
    /// zero is added or not.
    @Test(arguments: WeightFormat.allCases)
    func `products below the least float leave no sign`(format: WeightFormat) {
        var data = SparseCase(classes: 33, width: 40, counts: [1, 2, 3, 5, 8], scale: 0x1p-80)
        let weights = data.packed(format)
        #expect(
            data.sparse(weights, hasBias: false).bits == data.dense(weights, hasBias: false).bits)
        for index in data.values.indices { data.values[index] *= 0x1p+10 }
        #expect(
            data.sparse(weights, hasBias: false).bits == data.dense(weights, hasBias: false).bits)
    }

    @Test(arguments: WeightFormat.allCases)
    func `a value that is not finite gives what it gives dense`(format: WeightFormat) {
        var data = SparseCase(classes: 33, width: 40, counts: [3, 3, 3])
        (data.values[1], data.values[4]) = (.infinity, .nan)
        let weights = data.packed(format)
        let (sparse, dense) = (data.sparse(weights), data.dense(weights))
        #expect(sparse.map(\.isNaN) == dense.map(\.isNaN))
        for (found, expected) in zip(sparse, dense) where !expected.isNaN {
            #expect(found == expected)
        }
    }

    @Test(arguments: WeightFormat.allCases)
    func `a row of a batch equals the row alone`(format: WeightFormat) {
        let data = SparseCase(classes: 70, width: 333, counts: (0..<40).map { $0 * 7 % 90 })
        let weights = data.packed(format)
        let batch = data.sparse(weights)
        for row in data.ranges.indices {
            let alone = data.sparse(weights, rows: [row])
            #expect(alone.bits == Array(batch[row * 70..<(row + 1) * 70]).bits, "row \(row)")
        }
        let turned = data.sparse(weights, rows: (0..<40).reversed(), threads: 3)
        for row in data.ranges.indices {
            let place = (39 - row) * 70
            #expect(
                Array(turned[place..<place + 70]).bits
                    == Array(batch[row * 70..<(row + 1) * 70]).bits)
        }
    }

    /// Above the threshold of 2¹⁸ products: parts of many classes, and of few classes and rows.
    @Test(arguments: [(1300, [300]), (19, [Int](repeating: 700, count: 33))])
    func `threads do not change a bit`(classes: Int, counts: [Int]) {
        #expect(classes * counts.reduce(0, +) > LogitKernel.parallelProducts)
        let data = SparseCase(classes: classes, width: 1000, counts: counts)
        for format in WeightFormat.allCases {
            let weights = data.packed(format)
            let one = data.sparse(weights)
            for threads in [2, 3] {
                #expect(data.sparse(weights, threads: threads).bits == one.bits)
            }
        }
    }

    @Test func `only the rows that are named are written`() {
        let data = SparseCase(classes: 40, width: 50, counts: [3, 4])
        let weights = data.packed(.float32)
        let inputs = SparseInputs(
            columns: data.columns.span, values: data.values.span,
            rows: [
                SparseRow(data.ranges[0], outputRow: 3), SparseRow(data.ranges[1], outputRow: 1),
            ], format: .float32)
        var output = [Float](repeating: -7, count: 5 * 40)
        var span = output.mutableSpan
        LogitKernel(threads: 2).sparse(inputs, weights, bias: data.bias.span, into: &span)
        let expected = data.dense(weights)
        #expect(Array(output[120..<160]).bits == Array(expected[..<40]).bits)
        #expect(Array(output[40..<80]).bits == Array(expected[40...]).bits)
        #expect((output[..<40] + output[80..<120] + output[160...]).allSatisfy { $0 == -7 })
    }

    /// The largest sum there is: 2¹⁷ · 127², just below 2³¹.
    @Test func `int8 sums of the greatest width do not overflow`() {
        let width = WeightFormat.int8.maxInputCount
        let ones = [Float](repeating: 127, count: width)
        let weights = PackedWeights(
            ones.span, outputCount: 1, inputCount: width, layout: .outputMajor, format: .int8)
        let columns = Array(0..<UInt32(width))
        let inputs = SparseInputs(
            columns: columns.span, values: ones.span,
            rows: [SparseRow(0..<width, outputRow: 0)], format: .int8)
        var output: [Float] = [0]
        var span = output.mutableSpan
        LogitKernel(threads: 1).sparse(inputs, weights, bias: nil, into: &span)
        #expect(output == [Float(width * 127 * 127)])
    }

    @Test func `empty shapes give nothing`() {
        let data = SparseCase(classes: 0, width: 3, counts: [2])
        #expect(data.sparse(data.packed(.float32)).isEmpty)
        let none = SparseCase(classes: 3, width: 3, counts: [])
        #expect(none.sparse(none.packed(.float32)).isEmpty)
    }

    /// A sixteenth of a row's words, of 1, 2 or 4 inputs each.
    @Test(arguments: [(WeightFormat.float32, 20), (.bfloat16, 10), (.int8, 5)])
    func `the cheaper kernel is chosen by the row alone`(format: WeightFormat, most: Int) {
        let weights = SparseCase(classes: 1, width: 320, counts: []).packed(format)
        #expect(weights.favorsSparse(count: most - 1))
        #expect(weights.favorsSparse(count: most))
        #expect(!weights.favorsSparse(count: most + 1))
    }
}
