import Heads
import LogitKernels
import Predictions
import Testing

@testable import Bench

@Suite struct SyntheticCheckpointTests {
    @Test(arguments: [
        (BenchKind.hetXL, HeadKind.hetXL), (.mhp, .mhp), (.mhc, .mhc), (.mhs, .mhs),
        (.json, .mhs),
    ])
    func `random weights are loaded as the head of their kind`(
        _ kind: BenchKind, _ head: HeadKind
    ) throws {
        let model = try SyntheticCheckpoint(kind, BenchWorkTests.shape()).model(.bfloat16)
        #expect(model.head.summary.kind == head)
        #expect(model.head.summary.inputCount == 16)
        #expect(model.head.summary.classCount == 60)
    }

    @Test func `a head without factors has no covariance of them`() throws {
        let shape = BenchWorkTests.shape(factors: 0)
        let model = try SyntheticCheckpoint(.hetXL, shape).model(nil)
        #expect(model.head.summary.kind == .hetXL)
    }
}
