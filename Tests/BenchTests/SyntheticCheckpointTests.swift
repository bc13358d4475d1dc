import Foundation
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

    /// Enough labels for a tensor of two pieces and a part of a third: 40,000 · 16 numbers.
    @Test func `the same shape gives the same bytes, none of them repeated`() throws {
        let shape = BenchWorkTests.shape(classes: 40_000)
        let contents = try (0..<2).map { _ in
            let path = NSTemporaryDirectory() + "/\(UUID().uuidString).safetensors"
            defer { try? FileManager.default.removeItem(atPath: path) }
            try SyntheticCheckpoint(.mhs, shape).write(to: path)
            return try Data(contentsOf: URL(fileURLWithPath: path))
        }
        #expect(contents[0] == contents[1])
        // A row of a label is 64 bytes, and the weights are the file's end.
        let weights = Array(contents[0].suffix(40_000 * 64))
        let rows = stride(from: 0, to: weights.count, by: 64).map { weights[$0..<$0 + 64] }
        #expect(Set(rows).count == 40_000)
    }
}
