import LogitKernels
import Testing

/// Runs each test of a suite once for every instruction set of this machine; kernels that the test
/// makes by `LogitKernel(threads:)` are of that set.
struct EveryInstructionSet: TestTrait, SuiteTrait, TestScoping {
    var isRecursive: Bool { true }

    /// The cases of the tests, not the suite as a whole.
    func scopeProvider(for test: Test, testCase: Test.Case?) -> Self? {
        testCase == nil ? nil : self
    }

    func provideScope(
        for test: Test, testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        for set in InstructionSet.present {
            try await InstructionSet.$underTest.withValue(set) { try await function() }
        }
    }
}

extension Trait where Self == EveryInstructionSet {
    static var everyInstructionSet: Self { EveryInstructionSet() }
}

extension InstructionSet {
    /// The set that a test of an `everyInstructionSet` suite is about.
    @TaskLocal static var underTest = baseline

    /// The sets that can be tested here.
    static let present = supported
}

extension LogitKernel {
    /// A kernel of the set under test, on a pool of its own.
    init(threads: Int) {
        self.init(pool: ComputePool(threadCount: threads), instructionSet: .underTest)
    }
}
