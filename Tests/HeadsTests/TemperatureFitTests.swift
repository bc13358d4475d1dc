import Fixtures
import Foundation
import Testing

@testable import Heads

/// The temperature of the greatest likelihood, against that likelihood itself in Double.
@Suite struct TemperatureFitTests {
    /// Logits of some rows, and labels that were drawn from their softmax at a temperature.
    private struct Rows {
        var logits: [[Double]] = []
        var labels: [Int] = []

        init(seed: UInt64, count: Int = 400, temperature: Double) {
            var random = SeededRandom(seed: seed)
            for _ in 0..<count {
                let row = (0..<5).map { _ in Double.random(in: -3...3, using: &random) }
                let odds = row.map { exp($0 / temperature) }
                var rest = Double.random(in: 0..<odds.reduce(0, +), using: &random)
                let label = odds.firstIndex {
                    rest -= $0
                    return rest < 0
                }
                logits.append(row)
                labels.append(label ?? 4)
            }
        }

        /// The mean of −log p(y), and of that less the entropy, at a temperature.
        func means(_ temperature: Double) -> (surprise: Double, excess: Double) {
            var (surprise, entropy) = (0.0, 0.0)
            for (row, label) in zip(logits, labels) {
                let scaled = row.map { $0 / temperature }
                let most = scaled.max() ?? 0
                let total = log(scaled.reduce(0) { $0 + exp($1 - most) }) + most
                surprise += total - scaled[label]
                entropy -= scaled.reduce(0) { $0 + exp($1 - total) * ($1 - total) }
            }
            let count = Double(labels.count)
            return (surprise / count, (surprise - entropy) / count)
        }
    }

    @Test(arguments: [0.3, 0.9, 1, 1.1, 2, 5]) func `likelihood is greatest there`(
        _ temperature: Double
    ) throws {
        for seed in 0..<5 as Range<UInt64> {
            let rows = Rows(seed: seed, temperature: temperature)
            var calls = 0
            let fitted = try #require(
                TemperatureFit.fit(rows.means(1).excess) {
                    calls += 1
                    return rows.means($0).excess
                })
            let least = rows.means(fitted).surprise
            // Beyond the error that is allowed, likelihood falls on both sides.
            for factor in [1 + 3e-4, 1 / (1 + 3e-4)] {
                #expect(rows.means(fitted * factor).surprise > least)
            }
            #expect(calls <= 20)
        }
    }

    @Test func `the temperature of logits that were multiplied is that factor`() throws {
        var rows = Rows(seed: 7, temperature: 1)
        let own = try #require(
            TemperatureFit.fit(rows.means(1).excess) { rows.means($0).excess })
        rows.logits = rows.logits.map { $0.map { $0 * 8 } }
        let fitted = try #require(
            TemperatureFit.fit(rows.means(1).excess) { rows.means($0).excess })
        // Each of both errs by 10⁻⁴.
        #expect(abs(fitted / own / 8 - 1) < 2.1e-4)
    }

    /// The label of such a row is possible at the temperature that is found, at least.
    @Test func `a row that is impossible at first is no obstacle`() throws {
        var rows = Rows(seed: 8, temperature: 1)
        rows.logits[0] = [300, 0, 0, 0, 0]
        rows.labels[0] = 1
        func excess(_ temperature: Double) -> Double {
            // As if p were float32: below e⁻¹⁰³ it is 0, and its logarithm infinite.
            temperature < 300.0 / 103 ? .infinity : rows.means(temperature).excess
        }
        let fitted = try #require(TemperatureFit.fit(excess(1), excess))
        let exact = try #require(
            TemperatureFit.fit(rows.means(1).excess) { rows.means($0).excess })
        // Each of both errs by 10⁻⁴.
        #expect(abs(fitted / max(exact, 300.0 / 103) - 1) < 2.1e-4)
    }

    @Test func `there is none where likelihood grows without end`() {
        var rows = Rows(seed: 9, temperature: 1)
        rows.labels = rows.logits.map { row in row.indices.max { row[$0] < row[$1] } ?? 0 }
        #expect(TemperatureFit.fit(rows.means(1).excess) { rows.means($0).excess } == nil)
        rows.labels = rows.logits.map { row in row.indices.min { row[$0] < row[$1] } ?? 0 }
        #expect(TemperatureFit.fit(rows.means(1).excess) { rows.means($0).excess } == nil)
        #expect(TemperatureFit.fit(0) { _ in 1 } == 1)
    }

    /// As float32 has it: from some temperature down every label has the probability 1.
    @Test(arguments: [1, 0.5, 0.3, 1 / 100.0]) func `certain labels have no temperature`(
        _ bound: Double
    ) {
        #expect(TemperatureFit.fit(bound < 1 ? -0.1 : 0) { $0 <= bound ? 0 : -0.1 } == nil)
    }

    @Test func `a root that is met is one`() {
        #expect(TemperatureFit.fit(-0.1) { $0 < 0.5 ? 0.1 : $0 == 0.5 ? 0 : -0.1 } == 0.5)
    }
}
