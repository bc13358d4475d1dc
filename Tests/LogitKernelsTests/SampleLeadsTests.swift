import Glibc
import Testing

@testable import LogitKernels

/// The variance of the difference of two classes' probabilities, against the samples in Double.
@Suite(.everyInstructionSet) struct SampleLeadsTests {
    private static func moments(
        _ noise: TestNoise, threads: Int = 1, _ precision: NoisePrecision = .float32
    ) -> SampleMoments {
        noise.moments(threads: threads, .softmax, precision, keeping: .leads)
    }

    private static func leader(_ noise: TestNoise) -> Int {
        let location = zip(noise.location, noise.bias).map { $0 + $1 }
        return location.indices.max { (location[$0], $1) < (location[$1], $0) } ?? 0
    }

    /// The mean and the unbiased variance of the differences of two classes, and what float32 may
    /// make of the variance. A probability has its own bound, and its deviation two roundings;
    /// squares are summed in float through chunks of at most 132 samples, and differences of the
    /// sums are off by as many roundings of the larger range, by which the chunk's mean is.
    private static func expected(
        _ reference: NoiseReference, _ j: Int, _ k: Int
    ) -> (variance: Double, bound: Double) {
        let (p, bounds) = (reference.samples, reference.sampleBounds)
        let values = p.map { $0[j] - $0[k] }
        let n = Double(values.count)
        let mean = values.reduce(0, +) / n
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / max(n - 1, 1)
        func range(_ values: [Double]) -> Double { (values.max() ?? 0) - (values.min() ?? 0) }
        let rounding = 0x1p-24 * (range(p.map { $0[j] }) + range(p.map { $0[k] }))
        let largest = zip(p, bounds).map { $1[j] + $1[k] + 0x1p-24 * ($0[j] + $0[k]) }.max() ?? 0
        let error = largest + 2 * rounding
        let spread = values.reduce(0) { $0 + abs($1 - mean) } / max(n - 1, 1)
        let offset = 150 * rounding
        let square = 4 * error * error + 150 * 0x1p-24 * range(values) * range(values)
        return (
            variance,
            4 * error * spread + 2 * square + 4 * offset * (range(values) + offset)
                + 1e-14 * mean * mean + 0x1p-126
        )
    }

    private func check(_ noise: TestNoise, _ precision: NoisePrecision = .float32) throws {
        let moments = Self.moments(noise, precision)
        let reference = NoiseReference(noise, link: .softmax)
        let leader = Self.leader(noise)
        for k in 0..<noise.classCount where k != leader {
            let (variance, bound) = Self.expected(reference, leader, k)
            let found = try #require(moments.differenceVariance(of: leader, k))
            let label = "K \(noise.classCount) R \(noise.rank) S \(noise.sampleCount) class \(k)"
            #expect(abs(found - variance) <= bound, "\(label): \(found) \(variance) \(bound)")
            #expect(moments.differenceVariance(of: k, leader) == found)
        }
    }

    /// Around lanes (4, 8, 16) and panels (32).
    @Test func `every class count matches the samples`() throws {
        for classes in Array(1...67) + [255, 256] {
            try check(TestNoise(classes: classes, rank: 3, samples: 14))
        }
    }

    /// Around register tiles (3, 6), tiles (12), blocks (96), chunks (132) and the whole wave.
    @Test func `every sample count matches the samples`() throws {
        for samples in Array(1...26) + [95, 96, 97, 131, 133, 797, 1055, 1056] {
            try check(TestNoise(classes: 37, rank: 3, samples: samples))
        }
    }

    @Test func `every rank matches the samples`() throws {
        for rank in [0, 1, 2, 9, 50, 51] {
            try check(TestNoise(classes: 45, rank: rank, samples: 25))
            try check(TestNoise(classes: 45, rank: rank, samples: 25).inBFloat16(), .bfloat16)
        }
    }

    /// Sums whose shifts are raised, and leaders that some samples leave at 0.
    @Test(arguments: [30, 100, 1e4] as [Float])
    func `far logits match the samples`(scale: Float) throws {
        for classes in [2, 33, 70] {
            try check(TestNoise(classes: classes, rank: 4, samples: 40, scale: scale))
        }
    }

    /// Two classes of the same noise, one of them a thousandth more likely: the variance of their
    /// difference is a millionth of their own. It is off by 4·2⁻²² / (deviation/p) / 10⁻³, where
    /// the deviation is .2 of p at least; a difference of three variances in float would be off by
    /// 10⁻⁷·10⁶ of itself.
    @Test func `classes that rise and fall together keep their digits`() throws {
        var noise = TestNoise(classes: 40, rank: 3, samples: 1000)
        noise.temperature = 1
        for k in 0..<40 { (noise.location[k], noise.bias[k]) = (k == 7 ? 6.001 : 0, 0) }
        noise.location[8] = 6
        for r in 0..<3 { noise.loadings[r * 40 + 8] = noise.loadings[r * 40 + 7] }
        let reference = NoiseReference(noise, link: .softmax)
        let variance = Self.expected(reference, 7, 8).variance
        let own = reference.variances[7]
        try #require(own > 0.04 * reference.means[7] * reference.means[7])
        try #require(variance < 2e-6 * own)
        let found = try #require(Self.moments(noise).differenceVariance(of: 7, 8))
        #expect(abs(found / variance - 1) <= 2 * 4 * 0x1p-22 / 0.2 / 1e-3)
    }

    @Test func `other pairs are not told`() {
        let noise = TestNoise(classes: 20, rank: 2, samples: 30)
        let (moments, leader) = (Self.moments(noise), Self.leader(noise))
        #expect(moments.differenceVariance(of: (leader + 1) % 20, (leader + 2) % 20) == nil)
        #expect(noise.moments().differenceVariance(of: leader, (leader + 1) % 20) == nil)
    }

    /// At `maxLeadClasses` and beside it.
    @Test(arguments: [(255, true), (256, true), (257, false)])
    func `many classes keep no leads`(classes: Int, isKept: Bool) {
        let noise = TestNoise(classes: classes, rank: 2, samples: 30)
        let leader = Self.leader(noise)
        let found = Self.moments(noise).differenceVariance(of: leader, (leader + 1) % classes)
        #expect((found != nil) == isKept)
    }

    /// 1,000 × 200 values are above the thresholds of every pass.
    @Test func `threads change no bit, and leads none of the moments`() {
        let noise = TestNoise(classes: 200, rank: 3, samples: 1000)
        let leader = Self.leader(noise)
        let (one, two) = (Self.moments(noise), Self.moments(noise, threads: 2))
        for k in 0..<200 where k != leader {
            #expect(one.differenceVariance(of: leader, k) == two.differenceVariance(of: k, leader))
        }
        #expect(one.variances.bits == noise.moments().variances.bits)
    }

    private static func blocks(
        _ logits: [Float], classes: Int, size: Int, threads: Int = 1
    ) -> SampleMoments {
        let kernel = LogitKernel(threads: threads)
        var moments = SampleMoments(classCount: classes, link: .softmax, keeping: .leads)
        for first in stride(from: 0, to: logits.count, by: size * classes) {
            var block = Array(logits[first..<min(first + size * classes, logits.count)])
            let sampleCount = block.count / classes
            var span = block.mutableSpan
            moments.add(&span, sampleCount: sampleCount, kernel: kernel)
        }
        return moments
    }

    /// The leader is that of the first block. |t| ≤ 10, so each p is off by δ = 2 (2⁻²³ + 10·2⁻²⁴)
    /// of itself, and its difference by twice that at most: 4δ |d| twice over.
    @Test(arguments: [2, 16, 37, 600]) func `blocks of logits tell the same`(classes: Int) throws {
        var source = TestValues(seed: UInt64(classes))
        var logits = source.floats(60 * classes, scale: 5)
        for s in 0..<60 { logits[s * classes + 1] += 3 }
        let p = (0..<60).map {
            SoftmaxReference(Array(logits[$0 * classes..<($0 + 1) * classes])).probabilities
        }
        for size in [60, 59, 20] {
            let first = p.prefix(size).reduce(into: [Double](repeating: 0, count: classes)) {
                for k in 0..<classes { $0[k] += $1[k] }
            }
            let leader = try #require(first.indices.max { first[$0] < first[$1] })
            let moments = Self.blocks(logits, classes: classes, size: size)
            for k in 0..<classes where k != leader {
                let values = p.map { $0[leader] - $0[k] }
                let mean = values.reduce(0, +) / 60
                let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 59
                let found = try #require(moments.differenceVariance(of: leader, k))
                let delta = 2 * (0x1p-23 + 10 * 0x1p-24)
                let size = p.reduce(0) { $0 + ($1[leader] + $1[k]) * ($1[leader] + $1[k]) } / 59
                #expect(abs(found - variance) <= 8 * delta * size + 1e-14)
            }
        }
    }

    /// 17 × 1,100 values are above the threshold of 2¹⁴.
    @Test func `threads change no bit of blocks`() {
        var source = TestValues(seed: 9)
        let logits = source.floats(17 * 1100, scale: 5)
        let one = Self.blocks(logits, classes: 1100, size: 17)
        for threads in [2, 3] {
            let found = Self.blocks(logits, classes: 1100, size: 17, threads: threads)
            #expect(found.leads.bits == one.leads.bits && found.leader == one.leader)
        }
    }
}
