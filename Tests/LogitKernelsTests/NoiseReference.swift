import Glibc
import LogitKernels

/// Moments of noisy logits by the definition, in Double, and what float32 may make of them.
///
/// With u = (m + b + A ζ) / τ, the kernel's t - shift carries γ(R + 6) (|m + b| + |shift| + Σ|a ζ|)
/// / τ: R + 1 sums, two roundings of each term's scale and one of the bias. Its exponential has 2
/// ulp, 2⁻²². A sum over the classes takes up to 96 values a lane and a few joins in float: 100
/// roundings.
struct NoiseReference {
    var means: [Double] = []
    var meanBounds: [Double] = []
    var variances: [Double] = []
    var varianceBounds: [Double] = []
    var entropy = 0.0
    var entropyBound = 0.0
    /// Of each sample the classes' probabilities, and what float32 may make of them.
    var samples: [[Double]] = []
    var sampleBounds: [[Double]] = []

    private static let rounding = 0x1p-24
    private static let sumError = 100 * rounding

    init(_ noise: TestNoise, link: SampleMoments.Link) {
        let rows = (0..<noise.sampleCount).map { Sample(noise, $0) }
        let samples = rows.map { link == .softmax ? $0.softmax() : $0.sigmoid() }
        let n = Double(samples.count)
        entropy = samples.reduce(0) { $0 + $1.entropy } / n
        entropyBound = samples.reduce(0) { $0 + $1.entropyBound } / n
        self.samples = samples.map(\.probabilities)
        sampleBounds = samples.map(\.bounds)
        for k in 0..<noise.classCount {
            add(samples.map { $0.probabilities[k] }, bounds: samples.map { $0.bounds[k] })
        }
    }

    /// Deviations are summed in float through chunks of at most 132 samples.
    private mutating func add(_ values: [Double], bounds: [Double]) {
        let n = Double(values.count)
        let mean = values.reduce(0, +) / n
        let range = (values.max() ?? 0) - (values.min() ?? 0)
        let bound = bounds.reduce(0, +) / n + 140 * Self.rounding * range
        means.append(mean)
        meanBounds.append(bound + 2 * Self.rounding * mean + 1e-37)
        let deviations = values.map { abs($0 - mean) }
        variances.append(n > 1 ? deviations.reduce(0) { $0 + $1 * $1 } / (n - 1) : 0)
        let largest = (bounds.max() ?? 0) + 1e-37
        let spread = deviations.reduce(0, +) / max(n - 1, 1)
        let square = 4 * largest * largest + 150 * Self.rounding * range * range
        // A square below 2⁻¹²⁶ may be lost.
        varianceBounds.append(4 * largest * spread + 2 * square + 1e-14 * mean * mean + 0x1p-126)
    }

    /// One sample's logits relative to the shift, in nats, and their errors.
    private struct Sample {
        var logits: [Double] = []
        var errors: [Double] = []
        var shift = 0.0

        init(_ noise: TestNoise, _ sample: Int) {
            let gamma = gamma(noise.rank + 6)
            let temperature = Double(noise.temperature)
            var sizes: [Double] = []
            for k in 0..<noise.classCount {
                let location = Double(noise.location[k]) + Double(noise.bias[k])
                var (logit, size) = (location, abs(location))
                for r in 0..<noise.rank {
                    let term =
                        Double(noise.loadings[r * noise.classCount + k])
                        * Double(noise.draws[sample * noise.rank + r])
                    logit += term
                    size += abs(term)
                }
                logits.append(logit / temperature)
                sizes.append(size / temperature)
            }
            let best = noise.location.indices.max {
                noise.location[$0] + noise.bias[$0] < noise.location[$1] + noise.bias[$1]
            }
            shift = logits[best ?? 0]
            errors = sizes.map { gamma * ($0 + sizes[best ?? 0]) }
        }

        func softmax() -> (
            probabilities: [Double], bounds: [Double], entropy: Double, entropyBound: Double
        ) {
            let maximum = logits.max() ?? 0
            let exponentials = logits.map { Glibc.exp($0 - maximum) }
            let total = exponentials.reduce(0, +)
            let p = exponentials.map { $0 / total }
            let relative = errors.map { $0 + 0x1p-22 }
            let meanError = zip(p, relative).reduce(0) { $0 + $1.0 * $1.1 }
            let t = logits.map { $0 - shift }
            let meanT = zip(p, t).reduce(0) { $0 + $1.0 * $1.1 }
            // d ln Σe = Σ p ρ; d (Σ e t / Σ e) = Σ p (ρ (t - mean t) + δt); both sums round.
            var bound = sumError
            for k in p.indices {
                let move = relative[k] * (1 + abs(t[k] - meanT)) + errors[k]
                bound += p[k] * (move + sumError * abs(t[k]))
            }
            return (
                p, zip(p, relative).map { $0 * ($1 + meanError + sumError + 0x1p-22) + 1e-37 },
                Glibc.log(total) - zip(p, logits).reduce(0) { $0 + $1.0 * ($1.1 - maximum) }, bound
            )
        }

        func sigmoid() -> (
            probabilities: [Double], bounds: [Double], entropy: Double, entropyBound: Double
        ) {
            var (p, bounds, entropy, bound) = ([Double](), [Double](), 0.0, 0.0)
            for (logit, error) in zip(logits, errors) {
                let size = abs(logit)
                let e = Glibc.exp(-size)
                let smaller = e / (1 + e)
                let value = logit > 0 ? 1 / (1 + e) : smaller
                let slope = smaller / (1 + e)
                p.append(value)
                // The exponential's error moves p by p (1 - p); sum, quotient and product round.
                bounds.append(slope * (error + 0x1p-22) + 4 * rounding * value + 1e-37)
                let term = Glibc.log1p(e) + size * smaller
                entropy += term
                // dh/du = -u p (1 - p), and e's own error; a factor of the product has 2 roundings.
                bound += slope * (1 + size) * (error + 0x1p-22) + 3 * rounding + 8 * rounding * term
            }
            return (p, bounds, entropy, bound + sumError * entropy)
        }

        private var sumError: Double { NoiseReference.sumError }
        private var rounding: Double { NoiseReference.rounding }
    }
}

/// Noisy logits to test with: A, m, a bias, a temperature and draws.
struct TestNoise {
    var classCount: Int
    var rank: Int
    var sampleCount: Int
    /// rank×K.
    var loadings: [Float]
    var location: [Float]
    var bias: [Float]
    var temperature: Float = 0.75
    /// S×rank.
    var draws: [Float]

    init(classes: Int, rank: Int, samples: Int, scale: Float = 1) {
        var source = TestValues(seed: UInt64(classes * 1_000_003 + rank * 1009 + samples))
        (classCount, self.rank, sampleCount) = (classes, rank, samples)
        loadings = source.floats(rank * classes, scale: scale)
        location = source.floats(classes, scale: 4)
        bias = source.floats(classes, scale: 0.5)
        draws = source.floats(samples * rank, scale: 3)
    }

    /// The same with loadings and draws rounded to bfloat16. A temperature that is log₂ e to the
    /// last bit leaves the loadings alone on their way to base 2.
    func inBFloat16() -> TestNoise {
        var result = self
        result.temperature = 1.442695040888963407
        result.loadings = loadings.map(Self.bfloat16)
        result.draws = draws.map(Self.bfloat16)
        return result
    }

    private static func bfloat16(_ value: Float) -> Float {
        let bits = value.bitPattern
        return Float(bitPattern: (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff_0000)
    }

    func logits(
        _ kernel: LogitKernel, _ precision: NoisePrecision = .float32
    ) -> NoisyLogits {
        kernel.noisyLogits(
            rows: (loadings + location).span, classCount: classCount, bias: bias.span,
            temperature: temperature, precision: precision)
    }

    func draws(
        _ kernel: LogitKernel, for logits: NoisyLogits, samples: Range<Int>
    ) -> NoiseDraws {
        NoiseDraws(for: logits, sampleCount: samples.count, kernel: kernel) { first, count, span in
            let start = (samples.lowerBound + first) * rank
            for index in 0..<count * rank { span[index] = draws[start + index] }
        }
    }

    func moments(
        threads: Int = 1, _ link: SampleMoments.Link = .softmax,
        _ precision: NoisePrecision = .float32, keeping kept: SampleMoments.Kept = []
    ) -> SampleMoments {
        let kernel = LogitKernel(threads: threads)
        let logits = logits(kernel, precision)
        var result = SampleMoments(classCount: classCount, link: link, keeping: kept)
        let draws = draws(kernel, for: logits, samples: 0..<sampleCount)
        _ = result.add(logits, draws, kernel: kernel) { true }
        return result
    }
}
