import LogitKernels
import Testing

private struct AffineCase {
    let classes: Int
    let rank: Int
    let samples: Int
    let location: [Float]
    let loadings: [Float]
    let draws: [Float]

    init(classes: Int, rank: Int, samples: Int) {
        (self.classes, self.rank, self.samples) = (classes, rank, samples)
        var source = TestValues(seed: UInt64(classes + 1000 * rank))
        location = source.floats(classes, scale: 5)
        loadings = source.floats(rank * classes)
        draws = source.floats(samples * rank, scale: 3)
    }

    func logits(_ kernel: LogitKernel, samples range: Range<Int>? = nil) -> [Float] {
        let range = range ?? 0..<samples
        let chosen = Array(draws[(range.lowerBound * rank)..<(range.upperBound * rank)])
        var output = [Float](repeating: .nan, count: range.count * classes)
        var span = output.mutableSpan
        kernel.affineLogits(
            location: location.span, loadings: loadings.span, rank: rank, draws: chosen.span,
            sampleCount: range.count, into: &span)
        return output
    }

    func isWithinBound(_ logit: Float, sample: Int, class k: Int) -> Bool {
        var (sum, size) = (Double(location[k]), Double(abs(location[k])))
        for r in 0..<rank {
            let product = Double(draws[sample * rank + r]) * Double(loadings[r * classes + k])
            sum += product
            size += abs(product)
        }
        // A product and at most R additions.
        return abs(Double(logit) - sum) <= gamma(rank + 1) * size
    }
}

@Suite(.everyInstructionSet) struct AffineTests {
    /// Ranks around 256, where a second pass over the loadings begins.
    @Test(arguments: [0, 1, 7, 51, 255, 256, 257, 600], [1, 15, 16, 17, 70])
    func `matches Double`(rank: Int, classes: Int) {
        let data = AffineCase(classes: classes, rank: rank, samples: 5)
        let logits = data.logits(LogitKernel(threads: 2))
        let outside = logits.indices.filter {
            !data.isWithinBound(logits[$0], sample: $0 / classes, class: $0 % classes)
        }
        #expect(outside.isEmpty)
    }

    @Test(arguments: [(33, 7), (16, 300)])
    func `a sample of a block equals the sample alone`(classes: Int, rank: Int) {
        let data = AffineCase(classes: classes, rank: rank, samples: 9)
        let kernel = LogitKernel(threads: 1)
        let block = data.logits(kernel)
        for s in 0..<9 {
            let alone = data.logits(kernel, samples: s..<(s + 1))
            #expect(alone.bits == Array(block[(s * classes)..<((s + 1) * classes)]).bits)
        }
    }

    /// The neighbours of a class do not matter: the first 17 of 40 classes alone are the same.
    @Test func `a class does not depend on its neighbours`() {
        let data = AffineCase(classes: 40, rank: 5, samples: 3)
        let kernel = LogitKernel(threads: 1)
        let all = data.logits(kernel)
        let loadings = (0..<5).flatMap { data.loadings[($0 * 40)..<($0 * 40 + 17)] }
        var output = [Float](repeating: .nan, count: 3 * 17)
        var span = output.mutableSpan
        kernel.affineLogits(
            location: data.location.span.extracting(..<17), loadings: loadings.span, rank: 5,
            draws: data.draws.span, sampleCount: 3, into: &span)
        #expect(output.bits == (0..<3).flatMap { all[($0 * 40)..<($0 * 40 + 17)] }.bits)
    }

    @Test(arguments: [(1500, 19, 11), (20, 40, 400)])
    func `threads do not change a bit`(classes: Int, rank: Int, samples: Int) {
        #expect(classes * rank * samples > LogitKernel.parallelProducts)
        let data = AffineCase(classes: classes, rank: rank, samples: samples)
        let one = data.logits(LogitKernel(threads: 1)).bits
        for threads in [2, 3] {
            #expect(data.logits(LogitKernel(threads: threads)).bits == one)
        }
    }

    @Test func `alignment does not change a bit`() {
        let data = AffineCase(classes: 37, rank: 9, samples: 4)
        let kernel = LogitKernel(threads: 1)
        let (location, loadings) = ([.nan] + data.location, [.nan, .nan, .nan] + data.loadings)
        let draws = [.nan, .nan] + data.draws
        var output = [Float](repeating: -7, count: 4 * 37 + 2)
        var whole = output.mutableSpan
        var span = whole._mutatingExtracting(1...(4 * 37))
        kernel.affineLogits(
            location: location.span.extracting(droppingFirst: 1),
            loadings: loadings.span.extracting(droppingFirst: 3), rank: 9,
            draws: draws.span.extracting(droppingFirst: 2), sampleCount: 4, into: &span)
        #expect(output.bits == ([-7] + data.logits(kernel) + [-7]).bits)
    }
}
