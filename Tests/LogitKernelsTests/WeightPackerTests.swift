import LogitKernels
import Testing

/// Weights packed row by row, read back through the dense kernel with unit vectors.
@Suite(.everyInstructionSet) struct WeightPackerTests {
    /// Every weight as the kernel sees it, [K, D].
    private func unpacked(_ weights: PackedWeights) -> [Float] {
        let (outputs, inputs) = (weights.outputCount, weights.inputCount)
        var units = [Float](repeating: 0, count: inputs * inputs)
        for d in 0..<inputs { units[d * inputs + d] = 1 }
        var columns = [Float](repeating: .nan, count: inputs * outputs)
        var span = columns.mutableSpan
        LogitKernel(threads: 1).dense(
            units.span, rowCount: inputs, weights, bias: nil, into: &span)
        return (0..<outputs).flatMap { k in (0..<inputs).map { columns[$0 * outputs + k] } }
    }

    @Test(arguments: [1, 2, 15, 16, 17, 31, 32, 33, 70])
    func `any split into rows gives the same weights`(outputs: Int) throws {
        for inputs in [1, 3, 16, 21] {
            let rowMajor = (0..<outputs * inputs).map { Float($0 + 1) }
            let columnMajor = (0..<inputs).flatMap { d in
                (0..<outputs).map { rowMajor[$0 * inputs + d] }
            }
            for rows in 1...outputs {
                let packed = try pack(rowMajor, outputs, inputs, .outputMajor, rowsAtOnce: rows)
                #expect(unpacked(packed) == rowMajor)
            }
            for rows in 1...inputs {
                let packed = try pack(columnMajor, outputs, inputs, .inputMajor, rowsAtOnce: rows)
                #expect(unpacked(packed) == rowMajor)
            }
        }
    }

    /// Unit vectors and weights of 1 to 127 lose nothing in any format.
    @Test(arguments: WeightFormat.allCases, [(31, 3), (33, 5), (64, 2)])
    func `every format is packed from either layout`(
        format: WeightFormat, shape: (outputs: Int, inputs: Int)
    ) throws {
        let (outputs, inputs) = shape
        let rowMajor = (0..<outputs * inputs).map { Float($0 % inputs == 0 ? 127 : $0 % 127 + 1) }
        let columnMajor = (0..<inputs).flatMap { d in
            (0..<outputs).map { rowMajor[$0 * inputs + d] }
        }
        for rows in [1, 2, 5] {
            let first = try pack(rowMajor, outputs, inputs, .outputMajor, rowsAtOnce: rows, format)
            #expect(unpacked(first) == rowMajor)
            let second = try pack(
                columnMajor, outputs, inputs, .inputMajor, rowsAtOnce: rows, format)
            #expect(unpacked(second) == rowMajor)
        }
    }

    /// As much as all addresses of a process.
    @Test func `memory that there is not is an error`() {
        let shortage = #expect(throws: MemoryShortage.self) {
            _ = try WeightPacker(outputCount: 1 << 31, inputCount: 1 << 14, layout: .outputMajor)
        }
        #expect(shortage?.byteCount == 1 << 47)
    }

    @Test func `only input major int8 is measured first`() throws {
        for format in WeightFormat.allCases {
            for layout in [PackedWeights.Layout.outputMajor, .inputMajor] {
                let packer = try WeightPacker(
                    outputCount: 3, inputCount: 2, layout: layout, format: format)
                let isMeasured = format == .int8 && layout == .inputMajor
                #expect(packer.unmeasuredRowCount == (isMeasured ? 2 : 0))
                #expect(packer.missingRowCount == (layout == .inputMajor ? 2 : 3))
            }
        }
    }

    private func pack(
        _ values: [Float], _ outputs: Int, _ inputs: Int, _ layout: PackedWeights.Layout,
        rowsAtOnce: Int, _ format: WeightFormat = .float32
    ) throws -> PackedWeights {
        var packer = try WeightPacker(
            outputCount: outputs, inputCount: inputs, layout: layout, format: format)
        let width = packer.rowWidth
        if packer.unmeasuredRowCount > 0 { packer.measure(values.span) }
        for first in stride(from: 0, to: values.count, by: rowsAtOnce * width) {
            let end = min(first + rowsAtOnce * width, values.count)
            packer.append(values.span.extracting(first..<end))
        }
        return packer.finish()
    }

    @Test func `empty shapes are fine`() throws {
        for (outputs, inputs) in [(0, 0), (0, 3), (3, 0)] {
            let packer = try WeightPacker(
                outputCount: outputs, inputCount: inputs, layout: .outputMajor)
            let weights = packer.finish()
            #expect(weights.outputCount == outputs && weights.inputCount == inputs)
        }
    }
}
