import Glibc
import Testing

@testable import LogitKernels

private func moments(
    _ logits: [Float], classes: Int, _ link: SampleMoments.Link, blocks: Int = .max,
    threads: Int = 1
) -> SampleMoments {
    let kernel = LogitKernel(threads: threads)
    var result = SampleMoments(classCount: classes, link: link)
    let sampleCount = logits.count / classes
    var first = 0
    while first < sampleCount {
        let size = min(blocks, sampleCount - first)
        var block = Array(logits[(first * classes)..<((first + size) * classes)])
        var span = block.mutableSpan
        result.add(&span, sampleCount: size, kernel: kernel)
        first += size
    }
    return result
}

private func bits(_ moments: SampleMoments) -> [UInt64] {
    moments.means.bits + moments.variances.bits
        + [moments.expectedEntropy, moments.expectedEntropyStandardError].bits
}

private func unbiased(_ values: [Double]) -> (mean: Double, variance: Double) {
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, squares / Double(values.count - 1))
}

@Suite(.everyInstructionSet) struct SampleMomentsTests {
    @Test(arguments: [1, 2, 10, 16, 37, 600])
    func `softmax matches brute force in Double`(classes: Int) {
        let samples = 50
        var source = TestValues(seed: UInt64(classes))
        let logits = source.floats(samples * classes, scale: 8)
        let result = moments(logits, classes: classes, .softmax)
        let truths = (0..<samples).map {
            SoftmaxReference(Array(logits[($0 * classes)..<(($0 + 1) * classes)]))
        }
        for k in 0..<classes {
            let (mean, variance) = unbiased(truths.map { $0.probabilities[k] })
            // |t| ≤ 16, so each p is off by δ = 2 (2⁻²³ + 16·2⁻²⁴) of itself at most (its own
            // exponential and the sum's); p² and the squared mean by 2δ each.
            let delta = 2 * (0x1p-23 + 16 * 0x1p-24)
            let square = truths.reduce(0) { $0 + $1.probabilities[k] * $1.probabilities[k] }
            #expect(abs(result.means[k] - mean) <= delta * mean + 1e-15)
            #expect(abs(result.variances[k] - variance) <= 4 * delta * square / 49 + 1e-14)
        }
        let (entropy, variance) = unbiased(truths.map(\.entropy))
        let bound = truths.reduce(0) { $0 + $1.entropyBound }
        #expect(abs(result.expectedEntropy - entropy) <= bound / 50)
        // A standard deviation moves by no more than the largest move of a value, times √(n/(n-1)).
        let largest = truths.map(\.entropyBound).max() ?? 0
        let error = (variance / 50).squareRoot()
        #expect(abs(result.expectedEntropyStandardError - error) <= 2 * largest + 1e-14)
        #expect(result.sampleCount == samples)
    }

    @Test(arguments: [1, 16, 37, 600])
    func `sigmoid matches brute force in Double`(classes: Int) {
        let samples = 50
        var source = TestValues(seed: UInt64(classes))
        let logits = source.floats(samples * classes, scale: 12)
        let result = moments(logits, classes: classes, .sigmoid)
        let truths = (0..<samples).map {
            SigmoidReference(Array(logits[($0 * classes)..<(($0 + 1) * classes)]))
        }
        for k in 0..<classes {
            let (mean, variance) = unbiased(truths.map { $0.probabilities[k] })
            let delta = 3 * 0x1p-23  // 3 ulp
            let square = truths.reduce(0) { $0 + $1.probabilities[k] * $1.probabilities[k] }
            #expect(abs(result.means[k] - mean) <= delta * mean + 1e-15)
            #expect(abs(result.variances[k] - variance) <= 4 * delta * square / 49 + 1e-14)
        }
        let (entropy, variance) = unbiased(truths.map(\.entropy))
        let largest = truths.map(\.entropyBound).max() ?? 0
        #expect(abs(result.expectedEntropy - entropy) <= largest)
        let error = (variance / 50).squareRoot()
        #expect(abs(result.expectedEntropyStandardError - error) <= 2 * largest + 1e-14)
    }

    @Test(arguments: [SampleMoments.Link.softmax, .sigmoid])
    func `cuts into blocks do not change a bit`(link: SampleMoments.Link) {
        var source = TestValues(seed: 11)
        let logits = source.floats(1000 * 37, scale: 6)
        let whole = bits(moments(logits, classes: 37, link))
        for size in [100, 7, 1, 999] {
            #expect(bits(moments(logits, classes: 37, link, blocks: size)) == whole)
        }
    }

    /// 17 × 1100 is above the threshold of 2¹⁴ exponentials, 1 × 20,000 is one sample above it.
    @Test(arguments: [SampleMoments.Link.softmax, .sigmoid], [(17, 1100), (1, 20_000)])
    func `threads do not change a bit`(
        link: SampleMoments.Link, shape: (samples: Int, classes: Int)
    ) {
        #expect(shape.samples * shape.classes > LogitKernel.parallelExponentials)
        var source = TestValues(seed: 12)
        let logits = source.floats(shape.samples * shape.classes, scale: 6)
        let one = bits(moments(logits, classes: shape.classes, link))
        for threads in [2, 3] {
            #expect(bits(moments(logits, classes: shape.classes, link, threads: threads)) == one)
        }
    }

    @Test(arguments: [SampleMoments.Link.softmax, .sigmoid])
    func `extreme logits never give NaN`(link: SampleMoments.Link) {
        let logits: [Float] = [
            1e4, -1e4, -.infinity, -1e4, 1e4, 1e4, -.infinity, -.infinity, -.infinity, .infinity,
            0, 3.4e38, .nan, 0, -3.4e38,
        ]
        let result = moments(logits, classes: 3, link)
        let numbers = result.means + result.variances
        #expect((numbers + [result.expectedEntropy]).allSatisfy { $0.isFinite })
        #expect(result.expectedEntropyStandardError.isFinite)
        #expect(result.means.allSatisfy { 0 <= $0 && $0 <= 1 })
        if link == .softmax {
            // Rows: (1,0,0), (0,½,½), (⅓,⅓,⅓), (1,0,0), (0,1,0).
            let expected = [7.0 / 15, 11.0 / 30, 1.0 / 6]
            #expect(zip(result.means, expected).allSatisfy { abs($0 - $1) <= 1e-15 })
        } else {
            // Rows: (1,0,0), (0,1,1), (0,0,0), (1,½,1), (0,½,0).
            #expect(result.means == [0.4, 0.4, 0.4])
        }
    }

    @Test func `fewer than two samples have no variance`() {
        let none = SampleMoments(classCount: 2, link: .softmax)
        #expect(none.sampleCount == 0 && none.means == [0, 0] && none.variances == [0, 0])
        #expect(none.expectedEntropy == 0 && none.expectedEntropyStandardError == 0)
        let one = moments([1, 1], classes: 2, .softmax)
        #expect(one.sampleCount == 1 && one.means == [0.5, 0.5] && one.variances == [0, 0])
        #expect(abs(one.expectedEntropy - Glibc.log(2)) <= 1e-15)
        #expect(one.expectedEntropyStandardError == 0)
    }

    @Test func `two samples have the variance of two`() {
        // p = (1, 0) and (0, 1): variance ½, mean ½, entropy 0 in both.
        let two = moments([1e4, -1e4, -1e4, 1e4], classes: 2, .softmax)
        #expect(two.means == [0.5, 0.5] && two.variances == [0.5, 0.5])
        #expect(two.expectedEntropy == 0 && two.expectedEntropyStandardError == 0)
    }

    @Test func `equal samples have no variance`() {
        let logits = (0..<1000).flatMap { _ in [0.1, 0.7, -2.3] as [Float] }
        let result = moments(logits, classes: 3, .softmax)
        // Σp² and (Σp)²/n agree to n·2⁻⁵³ of Σp² ≤ n.
        #expect(result.variances.allSatisfy { 0 <= $0 && $0 <= 1000 * 0x1p-52 })
    }

    @Test func `an empty block changes nothing`() {
        var result = moments([1, 2, 3, 4], classes: 2, .softmax)
        let before = bits(result)
        var nothing: [Float] = []
        var span = nothing.mutableSpan
        result.add(&span, sampleCount: 0, kernel: LogitKernel(threads: 2))
        #expect(bits(result) == before && result.sampleCount == 2)
    }
}

extension SampleMoments {
    /// The variances of all classes.
    var variances: [Double] { (0..<classCount).map { variance(of: $0) } }
}
