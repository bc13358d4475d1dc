import Glibc
import LogitKernels
import Testing

/// Facts kept of samples beside their moments, against the equations in Double.
@Suite(.everyInstructionSet) struct SampleTraceTests {
    private struct Kept {
        let moments: SampleMoments
        let trace: [Float]
    }

    /// Samples added in two parts, and their trace, in the order of the parts.
    private func kept(
        _ noise: TestNoise, _ classes: [Int], _ link: SampleMoments.Link,
        _ precision: NoisePrecision = .float32, threads: Int = 1, cut: Int
    ) -> Kept {
        let kernel = LogitKernel(threads: threads)
        let logits = noise.logits(kernel, precision)
        var moments = SampleMoments(
            classCount: noise.classCount, link: link, keeping: [.scales, .votes])
        var traces: [[Float]] = []
        for part in [0..<cut, cut..<noise.sampleCount] {
            let draws = noise.draws(kernel, for: logits, samples: part)
            _ = moments.add(logits, draws, kernel: kernel) { true }
            traces.append(
                moments.trace(classes, logits, draws, from: part.lowerBound, kernel: kernel))
        }
        let rows = classes.indices.flatMap { c in
            [0..<cut, cut..<noise.sampleCount].enumerated().flatMap { place, part in
                traces[place][c * part.count..<(c + 1) * part.count]
            }
        }
        return Kept(moments: moments, trace: rows)
    }

    private func check(
        _ noise: TestNoise, _ link: SampleMoments.Link, _ precision: NoisePrecision = .float32
    ) {
        let classes = Array(Set([0, noise.classCount / 2, noise.classCount - 1]))
        let cut = noise.sampleCount / 3
        let result = kept(noise, classes, link, precision, cut: cut)
        let reference = NoiseReference(noise, link: link)
        for (c, k) in classes.enumerated() {
            for s in 0..<noise.sampleCount {
                let error = abs(
                    Double(result.trace[c * noise.sampleCount + s]) - reference.samples[s][k])
                #expect(
                    error <= reference.sampleBounds[s][k], "class \(k), sample \(s), \(link)")
            }
        }
    }

    @Test(arguments: [SampleMoments.Link.softmax, .sigmoid])
    func `a trace has each sample's probabilities`(link: SampleMoments.Link) {
        for classes in [1, 2, 31, 32, 33, 70, 400] {
            for samples in [1, 2, 11, 12, 13, 25, 200] {
                check(TestNoise(classes: classes, rank: 3, samples: samples), link)
            }
        }
        for rank in [0, 1, 2, 50] {
            check(TestNoise(classes: 45, rank: rank, samples: 30), link)
            check(TestNoise(classes: 45, rank: rank, samples: 30).inBFloat16(), link, .bfloat16)
        }
    }

    /// Their shifts are raised.
    @Test(arguments: [30, 100, 1e4] as [Float])
    func `a trace of far logits`(scale: Float) {
        check(TestNoise(classes: 70, rank: 4, samples: 40, scale: scale), .softmax)
    }

    @Test func `votes are the leaders of the samples`() {
        for classes in [1, 2, 31, 32, 33, 64, 65, 300] {
            for samples in [1, 12, 13, 150] {
                let noise = TestNoise(classes: classes, rank: 3, samples: samples)
                let reference = NoiseReference(noise, link: .softmax)
                var votes = [UInt32](repeating: 0, count: classes)
                for p in reference.samples {
                    votes[p.indices.max { (p[$0], $1) < (p[$1], $0) } ?? 0] += 1
                }
                let result = kept(noise, [0], .softmax, cut: samples / 2)
                #expect(result.moments.votes == votes, "K \(classes) S \(samples)")
            }
        }
    }

    @Test func `ties go to the lower index`() {
        for (first, second) in [(3, 35), (0, 1), (31, 32), (5, 66), (69, 70)] {
            var noise = TestNoise(classes: 71, rank: 2, samples: 20)
            for k in noise.location.indices {
                (noise.location[k], noise.bias[k]) = (k == first || k == second ? 90 : 0, 0)
            }
            for r in 0..<2 { noise.loadings[r * 71 + second] = noise.loadings[r * 71 + first] }
            let votes = kept(noise, [0], .softmax, cut: 7).moments.votes
            #expect(votes[first] == 20 && votes[second] == 0, "\(first) \(second)")
        }
    }

    @Test func `threads change no bit`() {
        let noise = TestNoise(classes: 3000, rank: 20, samples: 300)
        let classes = Array(stride(from: 0, to: 3000, by: 7))
        let one = kept(noise, classes, .softmax, threads: 1, cut: 150)
        let two = kept(noise, classes, .softmax, threads: 2, cut: 150)
        #expect(one.trace.map(\.bitPattern) == two.trace.map(\.bitPattern))
        #expect(one.moments.votes == two.moments.votes)
    }

    /// Each exponential has 2 ulp, its scale and the product half an ulp each: 2⁻²² of it. Its
    /// argument is rounded once, by 2⁻²⁴ of how far the logit lies below the largest.
    @Test func `blocks of logits tell the same`() {
        let kernel = LogitKernel(threads: 1)
        let (classes, samples) = (50, 7)
        var source = TestValues(seed: 5)
        let logits = source.floats(classes * samples, scale: 5)
        var block = logits
        var span = block.mutableSpan
        let found = kernel.probabilities(
            of: [49, 0], in: &span, classCount: classes, link: .softmax)
        var moments = SampleMoments(classCount: classes, link: .softmax, keeping: .votes)
        block = logits
        span = block.mutableSpan
        moments.add(&span, sampleCount: samples, kernel: kernel)
        var votes = [UInt32](repeating: 0, count: classes)
        for s in 0..<samples {
            let row = logits[s * classes..<(s + 1) * classes].map { Double($0) }
            let sizes = row.map { exp($0 - (row.max() ?? 0)) }
            let p = sizes.map { $0 / sizes.reduce(0, +) }
            for (c, k) in [49, 0].enumerated() {
                let depth = (row.max() ?? 0) - row[k]
                #expect(
                    abs(Double(found[c * samples + s]) - p[k]) <= (0x1p-22 + 0x1p-24 * depth) * p[k]
                )
            }
            votes[row.firstIndex(of: row.max() ?? 0) ?? 0] += 1
        }
        #expect(moments.votes == votes)
    }
}
