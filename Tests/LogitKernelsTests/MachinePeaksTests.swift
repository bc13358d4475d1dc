import LogitKernels
import Testing

@Suite(.everyInstructionSet, .serialized) struct MachinePeaksTests {
    /// Inputs of a word of weights.
    private static let inputsPerWord = [WeightFormat.float32: 1.0, .bfloat16: 2, .int8: 4]

    /// A loop that the compiler took away would be faster than any processor: four multiply-adds a
    /// cycle of 512 bits, at 10 GHz. One that ran on a single sum would still do 10⁷.
    @Test func `peaks are those of a processor`() throws {
        let peaks = MachinePeaks(of: LogitKernel(threads: 2), formats: WeightFormat.allCases)
        #expect(peaks.operations.count == 3)
        for (format, inputs) in Self.inputsPerWord {
            let found = try #require(peaks.operations[format])
            #expect(found >= 1e7 && found <= 2 * 2 * 4 * 16 * inputs * 1e10, "\(format)")
        }
        // From the slowest memory of a small board to 12 channels of the fastest.
        #expect(peaks.bytes >= 1e7 && peaks.bytes <= 1e12)
    }

    @Test func `noise is narrow only where the set has it`() {
        for set in InstructionSet.present {
            #expect(set.noiseFormat(for: .float32) == .float32)
            let narrow: WeightFormat = set == .avx512BFloat16 ? .bfloat16 : .float32
            #expect(set.noiseFormat(for: .bfloat16) == narrow)
            #expect(set.noiseFormat(for: .int8) == narrow)
        }
    }
}
