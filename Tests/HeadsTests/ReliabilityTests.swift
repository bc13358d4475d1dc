import Fixtures
import Testing

@testable import Heads

/// Bins of rows by their largest probability, and the calibration error, against its definition.
@Suite struct ReliabilityTests {
    @Test func `the error is that of the definition`() {
        var random = SeededRandom(seed: 3)
        let rows = (0..<1000).map { _ in
            let probability = Double.random(in: 0...1, using: &random)
            return (probability, Double.random(in: 0...1, using: &random) < probability * 0.8)
        }
        var reliability = Reliability()
        for (probability, isHit) in rows {
            reliability.add(maxProbability: probability, isHit: isHit)
        }
        var expected = 0.0
        for index in 0..<15 {
            let own = rows.filter {
                $0.0 > Double(index) / 15 && $0.0 <= Double(index + 1) / 15
            }
            let hits = Double(own.count { $0.1 })
            let sum = own.reduce(0) { $0 + $1.0 }
            // |accuracy − confidence| · rows of the bin / all rows.
            expected += abs(hits - sum) / 1000
        }
        #expect(reliability.rowCount == 1000)
        // Sums of a thousand doubles below 1 err by at most 1000 · 1000 · 2⁻⁵³ in all.
        #expect(abs(reliability.calibrationError - expected) < 1e-9)
        #expect(reliability.accuracy == Double(rows.count { $0.1 }) / 1000)
    }

    @Test(arguments: [
        (0.0, 0), (1e-300, 0), (0.2, 2), (0.2.nextUp, 3), (0.4, 5), (1, 14), (1.0.nextUp, 14),
    ])
    func `a bin ends with its upper bound`(_ probability: Double, _ bin: Int) {
        var reliability = Reliability()
        reliability.add(maxProbability: probability, isHit: true)
        #expect(reliability.bins.map(\.rowCount).firstIndex(of: 1) == bin)
        #expect(reliability.bins[bin].accuracy == 1)
        #expect(reliability.bins[bin].confidence == probability)
    }

    @Test func `an empty bin has no part in the error`() {
        var reliability = Reliability()
        reliability.add(maxProbability: 0.75, isHit: true)
        #expect(reliability.calibrationError == 0.25)
        #expect(reliability.bins[0].accuracy == 0 && reliability.bins[0].confidence == 0)
    }
}
