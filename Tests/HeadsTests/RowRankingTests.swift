import LogitKernels
import Testing

@testable import Heads

/// Labels by probability, ties to the lower index: every probability computed, all of them sorted.
private func sorted(_ ranking: RowRanking, _ logits: [Float]) -> [Int] {
    let probabilities = ranking.probabilities(of: logits.span)
    return logits.indices.sorted {
        (probabilities[$0], $1) > (probabilities[$1], $0)
    }
}

@Suite struct RowRankingTests {
    private static let kernel = LogitKernel(pool: ComputePool(threadCount: 1))

    /// Logits of few values tie everywhere; steep ones are mostly flushed to zero; sigmoids of
    /// large ones are all 1.
    private static func rows() -> [[Float]] {
        var source = SystemRandomNumberGenerator()
        let shapes: [(count: Int, values: ClosedRange<Float>, step: Float)] = [
            (1, -1...1, 0), (31, -1...1, 0), (33, -3...3, 1), (500, -2...2, 0.5),
            (500, -200...200, 0), (1000, 10...40, 0), (1000, 0...0, 0), (97, -1e-6...1e-6, 0),
        ]
        return shapes.map { shape in
            (0..<shape.count).map { _ in
                let value = Float.random(in: shape.values, using: &source)
                return shape.step == 0 ? value : (value / shape.step).rounded() * shape.step
            }
        }
    }

    @Test(arguments: [SampleMoments.Link.softmax, .sigmoid])
    func `best labels are those of a sort`(link: SampleMoments.Link) {
        for _ in 0..<20 {
            for logits in Self.rows() {
                guard let ranking = RowRanking(logits.span, RowLink(link), Self.kernel) else {
                    Issue.record("finite logits have sums")
                    continue
                }
                let expected = sorted(ranking, logits)
                for count in [0, 1, 2, 5, 32, 33, logits.count, logits.count + 1] {
                    let best = ranking.best(count, of: logits.span)
                    #expect(best.map(\.index) == Array(expected.prefix(count)))
                }
            }
        }
    }
}
