import Fixtures
import Foundation
import Testing

@testable import Heads

@Suite struct JointDifferenceTests {
    private static let x = 6 * log(10.0)

    /// Normal numbers by Box and Muller.
    private static func normals(_ count: Int, _ random: inout SeededRandom) -> [Double] {
        let uniform = random.floats(2 * count).map { (Double($0) + 1) / 2 }
        return (0..<count).map {
            (-2 * log(max(uniform[2 * $0], 1e-12))).squareRoot()
                * cos(2 * .pi * uniform[2 * $0 + 1])
        }
    }

    @Test func `the statistic is the mean square`() {
        var joint = JointDifference(runCount: 2)
        joint.add(ratios: [1, 2], runs: [0, 0, 0, 0])
        joint.add(ratios: [-3], runs: [0, 0])
        #expect(joint.count == 3)
        #expect(abs(joint.meanSquare - 14.0 / 3) < 1e-15)
        // Runs that never differ leave nothing to chance but one deviation.
        #expect(joint.limit == 1)
    }

    /// Classes that all move together are one degree of freedom: λ = 1.
    @Test func `classes that move together count as one`() {
        var random = SeededRandom(seed: 1)
        let runCount = 64
        var joint = JointDifference(runCount: runCount)
        let moves = Self.normals(runCount, &random)
        let mean = moves.reduce(0, +) / Double(runCount)
        let spread = (moves.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(runCount - 1))
            .squareRoot()
        let runs = moves.flatMap { move in [Double](repeating: (move - mean) / spread, count: 20) }
        for _ in 0..<3 {
            joint.add(ratios: [Double](repeating: 0, count: 20), runs: runs)
        }
        let expected = 1 + 2 * Self.x.squareRoot() + 2 * Self.x
        #expect(abs(joint.limit - expected) < 1e-9)
    }

    /// Of independent classes the limit is near the mean, but above what Laurent and Massart give
    /// for their true eigenvalues, 1/n each: few runs' sums of powers are too large.
    @Test func `independent classes leave little to chance`() {
        var random = SeededRandom(seed: 2)
        let (runCount, rows, classes) = (64, 20, 50)
        var joint = JointDifference(runCount: runCount)
        for _ in 0..<rows {
            var runs = Self.normals(runCount * classes, &random)
            for k in 0..<classes {
                let places = (0..<runCount).map { $0 * classes + k }
                let mean = places.reduce(0) { $0 + runs[$1] } / Double(runCount)
                for place in places { runs[place] -= mean }
            }
            joint.add(ratios: Self.normals(classes, &random), runs: runs)
        }
        let n = Double(rows * classes)
        #expect(joint.limit > 1 + 2 * (Self.x / n).squareRoot() + 2 * Self.x / n)
        #expect(joint.limit < 3)
        #expect(joint.meanSquare < joint.limit)
    }
}
