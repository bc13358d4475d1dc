import Foundation
import Testing

@testable import Heads

@Suite struct GoldenChanceTests {
    private static let exact = 1 << 40

    private static func chance(
        _ p: Double, _ variance: Double, samples: Int, headSamples: Int = exact
    ) -> GoldenChance {
        GoldenChance(
            probability: p, variance: variance,
            author: MeanError(variance: variance, sampleCount: Double(samples)),
            headSampleCount: Double(headSamples))
    }

    @Test func `errors of both are taken in quadrature`() {
        let chance = Self.chance(0.5, 0.04, samples: 1000, headSamples: 4000)
        #expect(abs(chance.standardError - (0.00004 + 0.00001).squareRoot()) < 1e-15)
        // At one half nothing is skewed.
        #expect(abs(chance.reach(5, towards: 1) - 5 * chance.standardError) < 1e-15)
        #expect(chance.reach(5, towards: -1) == chance.reach(5, towards: 1))
    }

    @Test func `a given error counts as it is`() {
        let error = MeanError(standardError: 0.01, sampleCount: nil, variance: 0.04)
        #expect(error.square == 1e-4)
        // 400 samples of variance 0.04 have that error.
        #expect(abs(error.overSamples - 1e-4 / 400) < 1e-18)
        #expect(
            MeanError(standardError: 0.01, sampleCount: 50, variance: 0.04).overSamples
                == 1e-4 / 50)
        #expect(MeanError(standardError: 0, sampleCount: nil, variance: 0).square == 0)
    }

    /// P(X ≥ n) of a binomial variable with m draws, summed exactly enough in logarithms.
    private static func tail(_ n: Int, _ m: Int, _ p: Double) -> Double {
        guard n <= m else { return 0 }
        return (max(0, n)...m).reduce(0) { sum, k in
            let (m, k) = (Double(m), Double(k))
            let logarithm =
                lgamma(m + 1) - lgamma(k + 1) - lgamma(m - k + 1) + k * log(p)
                + (m - k) * log1p(-p)
            return sum + exp(logarithm)
        }
    }

    /// Draws of 0 and 1 are the most skewed of their mean. A normal variable passes five deviations
    /// on one side with probability 2.9e-7; the expansion's next term leaves a few times that.
    @Test(
        arguments: [1e-5, 1e-4, 1e-3, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.999], [100, 1000])
    func `rare events do not pass the reach`(_ p: Double, _ samples: Int) {
        let chance = Self.chance(p, p * (1 - p), samples: samples)
        let above = Double(samples) * (p + chance.reach(5, towards: 1))
        let below = Double(samples) * (p - chance.reach(5, towards: -1))
        #expect(Self.tail(Int(above.rounded(.down)) + 1, samples, p) < 1.5e-6)
        let fewest = Int(below.rounded(.up)) - 1
        if fewest >= 0 {
            // P(X ≤ n) = P(m − X ≥ m − n).
            #expect(Self.tail(samples - fewest, samples, 1 - p) < 1.5e-6)
        }
    }

    /// Of a lognormal p with a small mean, ρ = v/p·(3 + v/p²): its skewness is
    /// (e^{s²} + 2)·√(e^{s²} − 1) with e^{s²} − 1 = v/p².
    @Test func `a small probability is skewed like a lognormal one`() {
        let (p, excess, samples) = (1e-6, 2.0, 1000.0)
        let variance = excess * p * p
        let chance = Self.chance(p, variance, samples: 1000)
        let skewness = (excess + 3) * excess.squareRoot()
        let expected = skewness * variance.squareRoot() / samples
        #expect(abs(chance.skew / expected - 1) < 1e-5)
    }

    @Test func `five deviations are enough for 170 classes`() {
        #expect(GoldenChance.deviations(forClasses: 1) == 5)
        #expect(GoldenChance.deviations(forClasses: 170) == 5)
        for count in [200, 8000, 175_000, 10_000_000] {
            let z = GoldenChance.deviations(forClasses: count)
            #expect(Double(count) * erfc(z / 2.0.squareRoot()) <= 1e-4)
            #expect(Double(count) * erfc((z - 0x1p-5) / 2.0.squareRoot()) > 1e-4)
        }
    }

    @Test func `certain classes leave nothing to chance`() {
        for p in [0.0, 1] {
            #expect(Self.chance(p, 0, samples: 10).reach(5, towards: 1) == 0)
        }
    }
}
