internal import Glibc

/// The differences that chance explains between two means over samples of one probability: the
/// author's and the head's own.
///
/// With p the probability, v its variance over the noise, and σₐ, σₕ the two standard errors, the
/// difference has the deviation σ = √(σₐ² + σₕ²). A mean over S samples is not quite normal: its
/// skewness is that of a sample, over √S, and Cornish and Fisher's expansion puts the place that a
/// normal variable passes at z deviations to
///
///     z σ + (z² − 1)/6 · κ₃/σ²
///
/// with κ₃ the third cumulant of the difference. For the author's mean it is ρ·v/S² = ρ·σₐ²/S,
/// where ρ, the third moment over the second, is about the size of the rare large values. Of a
/// probability whose logit is normal, to the first order and exactly where p is small (then it is
/// lognormal) or v as large as it can be (then it is 0 or 1), with q = 1 − p and w = v/(pq) ≤ 1,
///
///     ρ = (q − p) · min(1, w · (3 + w/(pq))).
///
/// Without that term heads of many rare classes are refused for being right: of 1,000 classes and
/// 100 samples, one author's run in twenty has a class beyond five deviations.
struct GoldenChance: Sendable {
    /// Standard error of the difference, σ.
    let standardError: Double
    /// κ₃/σ², for answers of the author above the head's; its negative for those below.
    let skew: Double

    /// - Parameters:
    ///   - probability: p.
    ///   - variance: v, of one sample.
    ///   - author: the author's standard error and samples.
    ///   - headSampleCount: the head's own samples; infinite where it knows the law.
    init(
        probability p: Double, variance v: Double, author: MeanError, headSampleCount: Double
    ) {
        let head = MeanError(variance: v, sampleCount: headSampleCount)
        let square = author.square + head.square
        standardError = square.squareRoot()
        let pq = p * (1 - p)
        guard pq > 0, square > 0 else {
            skew = 0
            return
        }
        let w = v / pq
        let jump = (1 - 2 * p) * min(1, w * (3 + w / pq))
        skew = jump * (author.overSamples - head.overSamples) / square
    }

    /// The difference, author's less head's, that chance reaches as rarely as a normal variable
    /// reaches `z` deviations; on the side of `difference`.
    func reach(_ z: Double, towards difference: Double) -> Double {
        let shift = (z * z - 1) / 6 * (difference < 0 ? -skew : skew)
        return z * standardError + max(0, shift)
    }

    /// The deviations that no class of so many passes by chance but with probability 10⁻⁴ in all;
    /// at least 5, which is enough for 170 classes.
    static func deviations(forClasses count: Int) -> Double {
        var z = 5.0
        while Double(count) * erfc(z / 2.0.squareRoot()) > 1e-4 { z += 0x1p-6 }
        return z
    }
}

/// The error of a mean over samples.
struct MeanError: Sendable {
    /// The standard error, squared.
    let square: Double
    /// The same over the samples once more.
    let overSamples: Double

    init(variance: Double, sampleCount: Double) {
        square = variance / sampleCount
        overSamples = square / sampleCount
    }

    /// As an author gives it, perhaps with no number of samples: that follows from the variance of
    /// one, and is at least 1.
    init(standardError: Double, sampleCount: Int?, variance: Double) {
        square = standardError * standardError
        let samples = sampleCount.map(Double.init) ?? (square > 0 ? variance / square : 1)
        overSamples = square / max(1, samples)
    }
}
