import Glibc
import LogitKernels
import Synchronization
import Testing

private func bits(_ moments: SampleMoments) -> [UInt64] {
    moments.means.bits + moments.variances.bits
        + [moments.expectedEntropy, moments.expectedEntropyStandardError].bits
}

/// The sampling pass against the equations in Double.
@Suite(.everyInstructionSet) struct NoisyLogitsTests {
    static let links = [SampleMoments.Link.softmax, .sigmoid]

    private func check(
        _ noise: TestNoise, _ link: SampleMoments.Link, _ precision: NoisePrecision = .float32
    ) {
        let result = noise.moments(threads: 1, link, precision)
        let reference = NoiseReference(noise, link: link)
        let label = "K \(noise.classCount) R \(noise.rank) S \(noise.sampleCount) \(link)"
        #expect(result.sampleCount == noise.sampleCount)
        let (means, variances) = (result.means, result.variances)
        for k in 0..<noise.classCount {
            let meanError = abs(means[k] - reference.means[k])
            #expect(meanError <= reference.meanBounds[k], "mean \(k), \(label)")
            let varianceError = abs(variances[k] - reference.variances[k])
            #expect(varianceError <= reference.varianceBounds[k], "variance \(k), \(label)")
        }
        let entropyError = abs(result.expectedEntropy - reference.entropy)
        #expect(entropyError <= reference.entropyBound, "entropy, \(label)")
    }

    /// All lengths around lanes (4, 8, 16), panels (32) and the groups of 12 panels whose lanes
    /// join.
    @Test(arguments: links)
    func `every class count matches the equations`(link: SampleMoments.Link) {
        for classes in Array(1...67) + [383, 384, 385, 415, 416, 417, 768, 769] {
            check(TestNoise(classes: classes, rank: 3, samples: 14), link)
        }
    }

    /// All numbers around register tiles (3, 6), tiles (12), blocks (96), chunks (132) and the
    /// whole wave.
    @Test(arguments: links)
    func `every sample count matches the equations`(link: SampleMoments.Link) {
        for samples in Array(1...38) + [95, 96, 97, 107, 109, 131, 133, 797, 1055, 1056] {
            check(TestNoise(classes: 37, rank: 3, samples: samples), link)
        }
    }

    @Test(arguments: links)
    func `every rank matches the equations`(link: SampleMoments.Link) {
        for rank in Array(0...9) + [50, 51] {
            check(TestNoise(classes: 45, rank: rank, samples: 25), link)
        }
    }

    /// Blocks shrink to a tile where K is large: 2¹⁸ floats in 12 rows. The ten tiles of 109
    /// samples make chunks of one block and of two.
    @Test func `many classes match the equations`() {
        check(TestNoise(classes: 21_900, rank: 2, samples: 27), .softmax)
        check(TestNoise(classes: 21_900, rank: 2, samples: 109), .softmax)
    }

    /// Products of what both sides round to bfloat16 are exact: the same bounds hold.
    @Test(arguments: links)
    func `bfloat16 matches the equations of rounded terms`(link: SampleMoments.Link) {
        for rank in [0, 1, 2, 3, 8, 51] {
            check(TestNoise(classes: 45, rank: rank, samples: 25).inBFloat16(), link, .bfloat16)
        }
        for classes in [1, 16, 31, 32, 33, 64, 65] {
            check(TestNoise(classes: classes, rank: 5, samples: 14).inBFloat16(), link, .bfloat16)
        }
    }

    /// When classes of small location rise far above the others, sums pass 2¹⁰⁰ and shifts are
    /// raised; further up the first pass meets the bounds of the exponent.
    @Test(arguments: [30, 100, 1e4, 1e20] as [Float])
    func `far logits match the equations`(scale: Float) {
        for classes in [2, 33, 70] {
            check(TestNoise(classes: classes, rank: 4, samples: 40, scale: scale), .softmax)
            check(TestNoise(classes: classes, rank: 4, samples: 40, scale: scale), .sigmoid)
        }
    }

    /// A block that is done again has taken the one before it, which chunks of more than 96 samples
    /// have, into the moments once.
    @Test(arguments: links)
    func `far logits behind other blocks match the equations`(link: SampleMoments.Link) {
        check(TestNoise(classes: 33, rank: 4, samples: 797, scale: 100), link)
    }

    @Test func `a raised shift is needed`() {
        // u = (0, 500 z): with z = 1 the sum at the shift of class 0 would be 2^721.
        var noise = TestNoise(classes: 2, rank: 1, samples: 2)
        (noise.location, noise.bias, noise.temperature) = ([0, -1], [0, 0], 1)
        noise.loadings = [0, 500]
        noise.draws = [1, -1]
        let moments = noise.moments()
        #expect(moments.means == [0.5, 0.5] && moments.variances == [0.5, 0.5])
        #expect(moments.expectedEntropy == 0)
    }

    @Test(arguments: links)
    func `threads do not change a bit`(link: SampleMoments.Link) {
        let noise = TestNoise(classes: 600, rank: 7, samples: 301)
        #expect(600 * 7 * 301 > LogitKernel.parallelProducts)
        let one = bits(noise.moments(threads: 1, link))
        for threads in [2, 3] { #expect(bits(noise.moments(threads: threads, link)) == one) }
    }

    @Test func `equal samples have almost no variance`() {
        var noise = TestNoise(classes: 40, rank: 2, samples: 500)
        noise.draws = noise.draws.map { _ in 1.5 }
        let moments = noise.moments()
        // p - c is some roundings of p; a raw Σp² in float would leave 500·2⁻²⁴ p².
        for (mean, variance) in zip(moments.means, moments.variances) {
            #expect(variance <= (30 * 0x1p-24 * mean) * (30 * 0x1p-24 * mean) + 1e-14 * mean)
        }
    }

    @Test func `waves add up`() {
        let noise = TestNoise(classes: 20, rank: 3, samples: 1500)
        let kernel = LogitKernel(threads: 1)
        let logits = noise.logits(kernel)
        var moments = SampleMoments(classCount: 20, link: .softmax)
        for samples in [0..<SampleMoments.waveSampleCount, SampleMoments.waveSampleCount..<1500] {
            let draws = noise.draws(kernel, for: logits, samples: samples)
            #expect(moments.add(logits, draws, kernel: kernel) { true })
        }
        let reference = NoiseReference(noise, link: .softmax)
        #expect(moments.sampleCount == 1500)
        for (k, mean) in moments.means.enumerated() {
            #expect(abs(mean - reference.means[k]) <= reference.meanBounds[k])
        }
    }

    /// Samples that take longer than a thread takes to wake. Both threads may ask once more before
    /// they see the answer of the other.
    @Test func `what is not wanted adds nothing`() {
        let noise = TestNoise(classes: 2000, rank: 3, samples: 1000)
        let kernel = LogitKernel(threads: 2)
        let logits = noise.logits(kernel)
        let draws = noise.draws(kernel, for: logits, samples: 0..<1000)
        var moments = SampleMoments(classCount: 2000, link: .softmax)
        let before = bits(moments)
        let asked = Atomic(0)
        let isDone = moments.add(logits, draws, kernel: kernel) {
            asked.wrappingAdd(1, ordering: .relaxed).newValue < 3
        }
        #expect(!isDone && (3...4).contains(asked.load(ordering: .relaxed)))
        #expect(moments.sampleCount == 0 && bits(moments) == before)
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity, 1e30, -1e30])
    func `terms out of range are seen`(value: Float) {
        let kernel = LogitKernel(threads: 1)
        for place in [0, 31, 32, 599] {
            var noise = TestNoise(classes: 600, rank: 2, samples: 1)
            #expect(noise.logits(kernel).isSafe)
            noise.loadings[600 + place] = value
            #expect(!noise.logits(kernel).isSafe)
            noise.loadings[600 + place] = 0
            noise.location[place] = value
            #expect(!noise.logits(kernel).isSafe)
        }
    }

    @Test func `columns through weights are rows`() {
        var source = TestValues(seed: 3)
        let (classes, width, rank) = (70, 5, 3)
        let columns = source.floats((rank + 1) * width)
        let weights = PackedWeights(
            source.floats(classes * width).span, outputCount: classes, inputCount: width,
            layout: .outputMajor)
        let kernel = LogitKernel(threads: 1)
        var rows = [Float](repeating: 0, count: (rank + 1) * classes)
        var span = rows.mutableSpan
        kernel.dense(columns.span, rowCount: rank + 1, weights, bias: nil, into: &span)
        var noise = TestNoise(classes: classes, rank: rank, samples: 30)
        noise.loadings = Array(rows.prefix(rank * classes))
        noise.location = Array(rows.suffix(classes))
        let logits = kernel.noisyLogits(
            columns: columns.span, through: weights, bias: noise.bias.span,
            temperature: noise.temperature)
        var moments = SampleMoments(classCount: classes, link: .softmax)
        let draws = noise.draws(kernel, for: logits, samples: 0..<30)
        #expect(moments.add(logits, draws, kernel: kernel) { true })
        #expect(bits(moments) == bits(noise.moments()))
    }
}

extension NoisyLogitsTests {
    /// Without noise the means are the exponentials over their sum: those of every power of two
    /// down to the smallest normal, at 33 fractions each.
    @Test func `exponentials of every power of two are within two ulp`() {
        let steps = 33
        var noise = TestNoise(classes: 126 * steps, rank: 0, samples: 1)
        // With log₂ e as the temperature, logits are the base-2 exponents themselves.
        noise.temperature = 1.442695040888963407
        noise.location = (0..<126 * steps).map { -Float($0) / Float(steps) }
        noise.bias = noise.bias.map { _ in 0 }
        let means = noise.moments(threads: 1).means
        for (exponent, mean) in zip(noise.location, means) {
            let truth = Glibc.exp2(Double(exponent))
            // 2 ulp, 2⁻²² of it; a product, a sum of one value and a mean of it round too, and the
            // same for the largest, to which all are compared. Products below 2⁻¹²⁶ lose digits.
            let error = abs(mean / means[0] - truth)
            #expect(
                error <= truth * (0x1p-22 + 6 * 0x1p-24) + 3 * 0x1p-149 / means[0], "2^\(exponent)")
        }
    }

    /// Weights in bfloat16 leave the location as exact as float32 sums are.
    @Test func `the mean meets rounded weights in float`() {
        var source = TestValues(seed: 5)
        let (classes, width) = (40, 7)
        let mean = source.floats(width)
        let values = source.floats(classes * width).map {
            Float(bitPattern: $0.bitPattern & 0xffff_0000)
        }
        let weights = PackedWeights(
            values.span, outputCount: classes, inputCount: width, layout: .outputMajor,
            format: .bfloat16)
        let kernel = LogitKernel(threads: 1)
        let logits = kernel.noisyLogits(
            columns: mean.span, through: weights, bias: nil, temperature: 1)
        var moments = SampleMoments(classCount: classes, link: .sigmoid)
        let draws = NoiseDraws(for: logits, sampleCount: 1, kernel: kernel) { _, _, _ in }
        #expect(moments.add(logits, draws, kernel: kernel) { true })
        for k in 0..<classes {
            let terms = (0..<width).map { Double(values[k * width + $0]) * Double(mean[$0]) }
            let logit = terms.reduce(0, +)
            let truth = 1 / (1 + Glibc.exp(-logit))
            // Three sums of 7 products, two more, a scale and the 4 roundings of a sigmoid.
            let error = gamma(3 * width + 5) * terms.reduce(0) { $0 + abs($1) } / 4 + 0x1p-22
            #expect(abs(moments.means[k] - truth) <= error)
        }
    }
}

/// The rounding of bfloat16 beside the error of sampling.
@Suite(.everyInstructionSet) struct NoisePrecisionTests {
    /// With logits noisy by σ = 1, roundings move a logit by about σ/800, and a mean over 1000
    /// samples errs by about σ p/32: a twenty-fifth, five times that for the worst of 300 classes.
    @Test(arguments: [SampleMoments.Link.softmax, .sigmoid])
    func `bfloat16 errs far less than sampling`(link: SampleMoments.Link) {
        var noise = TestNoise(classes: 300, rank: 51, samples: 1000, scale: (3 / 51).squareRoot())
        noise.temperature = 1
        let kernel = LogitKernel(threads: 1)
        var draws = noise.draws.mutableSpan
        kernel.normals(
            seed: 1, firstSample: 0, sampleCount: 1000, dimensionCount: 51, into: &draws)
        let exact = noise.moments(threads: 1, link)
        let rounded = noise.moments(threads: 1, link, .bfloat16)
        var squares = 0.0
        for k in 0..<300 {
            let standardError = (exact.variances[k] / 1000).squareRoot()
            let error = abs(rounded.means[k] - exact.means[k]) / standardError
            #expect(error <= 0.2)
            squares += error * error
        }
        #expect((squares / 300).squareRoot() <= 0.04)
    }
}
