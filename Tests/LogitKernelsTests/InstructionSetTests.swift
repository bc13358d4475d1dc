import Synchronization
import Testing

@testable import LogitKernels

@Suite struct InstructionSetTests {
    @Test func `the baseline runs everywhere`() {
        #expect(InstructionSet.baseline.isSupported)
        #expect(InstructionSet.best.isSupported)
    }

    @Test func `names are the command line's words`() {
        #expect(InstructionSet(rawValue: "baseline") == .baseline)
        #expect(InstructionSet(rawValue: "avx2") == .avx2)
        #expect(InstructionSet(rawValue: "avx512-bf16") == .avx512BFloat16)
        #expect(InstructionSet(rawValue: "Baseline") == nil)
    }

    /// A larger set is of no use to a machine that lacks a smaller one.
    @Test func `the best set is the last one of this machine`() {
        #expect(InstructionSet.present.last == InstructionSet.best)
    }

    @Test func `a test runs on every set`() async throws {
        let seen = Mutex<[InstructionSet]>([])
        try await EveryInstructionSet().provideScope(for: Test.current!, testCase: nil) {
            seen.withLock { $0.append(.underTest) }
        }
        #expect(seen.withLock { $0 } == InstructionSet.present && !InstructionSet.present.isEmpty)
    }

    @Test func `every supported set makes a kernel`() {
        for set in InstructionSet.allCases where set.isSupported {
            let kernel = LogitKernel(pool: ComputePool(threadCount: 1), instructionSet: set)
            var values: [Float] = [0]
            var span = values.mutableSpan
            kernel.exp(&span)
            #expect(values == [1])
        }
    }

    @Test(arguments: [(1, 1), (32, 3), (33, 64), (700, 5)])
    func `packed panels are aligned`(classes: Int, width: Int) {
        let values = [Float](repeating: 1, count: classes * width)
        for format in WeightFormat.allCases {
            let weights = PackedWeights(
                values.span, outputCount: classes, inputCount: width, layout: .inputMajor,
                format: format)
            let address = unsafe UInt(bitPattern: weights.panels.baseAddress)
            #expect(address != 0 && address % 64 == 0)
        }
    }
}
