import Batching
import Heads
import Predictions
import Testing

@testable import Service

/// The bytes of a job for its queue, by what its rows ask for.
@Suite struct EntrySizeTests {
    /// The bytes that a row more holds when no more than one is computed at once.
    private static func rowBytes(_ change: (inout RowOptions) -> Void = { _ in }) throws -> Int {
        let model = try Requests.served("digits-hetxl")
        var options = RowOptions(topK: 5, sampleCount: 8, seed: 0, wantsProbabilities: false)
        change(&options)
        let sizes = (1...2).map { count in
            PredictionJob.made(of: model, options: [RowOptions](repeating: options, count: count))
                .size(maxRows: 1, ComputeOptions()).bytes
        }
        return sizes[1] - sizes[0]
    }

    @Test func `entries count with the laws of their probabilities`() throws {
        let plain = try Self.rowBytes()
        let labels = try Self.rowBytes { $0.labels = [0, 1, 2] }
        #expect(labels - plain == 3 * MemoryLayout<Candidate>.stride)
        let listed = try Self.rowBytes { $0.details.quantileLevels = [0.25, 0.5] }
        let both = try Self.rowBytes {
            $0.details.quantileLevels = [0.25, 0.5]
            $0.labels = [0, 1, 2]
        }
        // Two quantiles and twenty bins of four bytes, in two arrays with headers of 32 bytes,
        // which lie in a box with a header of 16.
        let law = 4 * 22 + 2 * 32 + 16 + MemoryLayout<NoiseProfile>.stride
        #expect(listed - plain == 5 * law)
        #expect(both - labels == 8 * law)
    }

    /// More labels than there are take no room.
    @Test func `a list is no longer than the labels`() throws {
        let all = try Self.rowBytes { ($0.topK, $0.details.wantsHistogram) = (10, true) }
        let more = try Self.rowBytes { ($0.topK, $0.details.wantsHistogram) = (.max, true) }
        #expect(more == all)
    }
}
