import Glibc
import LogitKernels
import Testing

/// The law of sigmoid(m + s z) in Double, by Simpson's rule on [-10, 10], with steps a fifth of
/// those of the kernel at most: other nodes, other weights.
struct LabelReference {
    var probability = 0.0
    /// 1 - `probability`, with its own digits.
    var complement = 0.0
    var entropy = 0.0
    private var squares = 0.0

    var deviation: Double { squares.squareRoot() }

    init(mean: Double, deviation s: Double) {
        let half = Int((10 / min(0.1, 0.2 / max(s, 1e-9))).rounded(.up))
        let step = 10 / Double(half)
        var nodes: [(weight: Double, p: Double)] = []
        for index in -half...half {
            let z = Double(index) * step
            let isEnd = index == -half || index == half
            let share = isEnd ? 1.0 : (index + half).isMultiple(of: 2) ? 2.0 : 4.0
            let weight = share / 3 * step * exp(-z * z / 2) / (2 * Double.pi).squareRoot()
            let size = exp(-abs(mean + s * z))
            let (larger, smaller) = (1 / (1 + size), size / (1 + size))
            let p = mean + s * z >= 0 ? larger : smaller
            nodes.append((weight, p))
            probability += weight * p
            complement += weight * (mean + s * z >= 0 ? smaller : larger)
            entropy += weight * (log1p(size) + (size > 0 ? -log(size) * smaller : 0))
        }
        for node in nodes {
            squares += node.weight * (node.p - probability) * (node.p - probability)
        }
    }
}

@Suite(.everyInstructionSet) struct QuadratureTests {
    /// Steps change at the even deviations.
    static let deviations: [Float] = [
        0, 1e-3, 0.1, 0.5, 1, 1.999, 2, 2.001, 3.999, 4, 4.001, 6, 17, 38.001, 39.999, 40,
    ]
    static let means: [Float] = [-90, -30, -9, -3.3, -1, -0.2, 0, 0.01, 0.7, 2, 5, 14, 60]

    private static func laws(
        _ means: [Float], _ deviations: [Float], threads: Int = 1
    ) throws -> LabelLaws {
        let laws = LogitKernel(threads: threads)
            .labelLaws(means: means.span, deviations: deviations.span) { true }
        return try #require(laws)
    }

    @Test(arguments: deviations) func `laws of labels match Double`(s: Float) throws {
        let found = try Self.laws(Self.means, Self.means.map { _ in s })
        for (k, mean) in Self.means.enumerated() {
            let truth = LabelReference(mean: Double(mean), deviation: Double(s))
            let p = found.probabilities[k]
            #expect(abs(p - truth.probability) <= 0x1p-21, "p at \(mean)")
            let smaller = min(truth.probability, truth.complement)
            // The exponential of a large float has its rounding as a relative error.
            let relative = 1e-5 * smaller + 0x1p-120
            #expect(abs(min(p, 1 - p) - smaller) <= max(relative, p > 0.5 ? 0x1p-50 : 0) + 2.2e-8)
            let deviation = found.variances[k].squareRoot()
            #expect(abs(deviation - truth.deviation) <= 0x1p-21, "deviation at \(mean)")
            let entropy = Double(found.entropies[k])
            #expect(abs(entropy - truth.entropy) <= 0x1p-21, "entropy at \(mean)")
            #expect(entropy >= 0 && entropy.sign == .plus && p >= 0 && p <= 1)
        }
    }

    /// Labels that share a step do not otherwise know of each other.
    @Test(arguments: [1, 2, 15, 16, 17, 33, 1023, 1024, 1025]) func `any number of labels`(
        count: Int
    ) throws {
        var source = TestValues(seed: 5)
        let means = source.floats(count, scale: 6)
        let deviations = [Float](repeating: 2.5, count: count)
        let all = try Self.laws(means, deviations)
        for k in Set([0, count / 2, count - 1]) {
            let alone = try Self.laws([means[k]], [2.5])
            #expect(alone.probabilities.bits == [all.probabilities[k]].bits)
            #expect(alone.variances.bits == [all.variances[k]].bits)
            #expect(alone.entropies.bits == [all.entropies[k]].bits)
        }
    }

    @Test func `threads do not change a bit`() throws {
        var source = TestValues(seed: 6)
        let means = source.floats(3000, scale: 6)
        let deviations = source.floats(3000, scale: 20).map { abs($0) }
        let one = try Self.laws(means, deviations)
        for threads in [2, 3] {
            let other = try Self.laws(means, deviations, threads: threads)
            #expect(other.probabilities.bits == one.probabilities.bits)
            #expect(other.variances.bits == one.variances.bits)
            #expect(other.entropies.bits == one.entropies.bits)
        }
    }

    @Test func `what is not wanted is not integrated`() {
        let labels = [Float](repeating: 1, count: 5000)
        for threads in [1, 2] {
            let laws = LogitKernel(threads: threads)
                .labelLaws(means: labels.span, deviations: labels.span) { false }
            #expect(laws == nil)
        }
    }

    @Test(arguments: [0, 1, 7], [1, 511, 512, 513]) func `deviations match Double`(
        rowCount: Int, classes: Int
    ) {
        var source = TestValues(seed: 7)
        let rows = source.floats(rowCount * classes, scale: 1e25)
        let variances: [Double]? =
            rowCount == 1 ? nil : source.floats(classes).map { Double(abs($0)) * 1e50 }
        var found = [Float](repeating: .nan, count: classes)
        var span = found.mutableSpan
        LogitKernel(threads: 1)
            .deviations(rows: rows.span, variances: variances, scale: 0.3, into: &span)
        for k in 0..<classes {
            var sum = variances?[k] ?? 0
            for r in 0..<rowCount { sum += pow(Double(rows[r * classes + k]), 2) }
            let truth = Double(Float(0.3)) * sum.squareRoot()
            #expect(abs(Double(found[k]) - truth) <= 0x1p-23 * truth)
        }
    }

    @Test(arguments: WeightFormat.allCases, [1, 2, 3, 4, 5, 67])
    func `squared weights match Double`(
        format: WeightFormat, inputs: Int
    ) {
        for outputs in [1, 31, 32, 33, 70] {
            var source = TestValues(seed: UInt64(inputs))
            let values = source.floats(outputs * inputs)
            let factors = source.floats(inputs).map { abs($0) }
            let weights = PackedWeights(
                values.span, outputCount: outputs, inputCount: inputs, layout: .outputMajor,
                format: format)
            let found = LogitKernel(threads: 1).squaredWeights(weights, factors: factors.span)
            for k in 0..<outputs {
                let row = values[k * inputs..<(k + 1) * inputs].map { Double($0) }
                let largest = row.reduce(0) { max($0, abs($1)) }
                var (sum, loss) = (0.0, 0.0)
                for (weight, factor) in zip(row, factors) {
                    let error =
                        switch format {
                        case .float32: 0.0
                        case .bfloat16: abs(weight) / 256
                        case .int8: largest / 254
                        }
                    sum += weight * weight * Double(factor)
                    loss += (2 * abs(weight) + error) * error * Double(factor)
                }
                #expect(abs(Double(found[k]) - sum) <= loss + gamma(inputs + 4) * (sum + loss))
            }
        }
    }

    @Test func `threads do not change squared weights`() {
        var source = TestValues(seed: 8)
        let (outputs, inputs) = (2000, 150)
        let weights = PackedWeights(
            source.floats(outputs * inputs).span, outputCount: outputs, inputCount: inputs,
            layout: .outputMajor)
        let factors = source.floats(inputs)
        let found = [1, 2, 3].map {
            LogitKernel(threads: $0).squaredWeights(weights, factors: factors.span).bits
        }
        #expect(found[0] == found[1] && found[0] == found[2])
    }
}

@Suite(.everyInstructionSet) struct NodeMomentsTests {
    private static let (classes, nodes) = (70, 9)
    private static let weights = (0..<nodes).map { 1 / Double($0 + 1) }

    private static func logits() -> [Float] {
        var source = TestValues(seed: 3)
        return source.floats(nodes * classes, scale: 9)
    }

    private static func moments(blocks: [Range<Int>], threads: Int = 1) -> NodeMoments {
        let kernel = LogitKernel(threads: threads)
        var moments = NodeMoments(classCount: classes)
        for block in blocks {
            var part = Array(
                logits()[block.lowerBound * classes..<block.upperBound * classes])
            var span = part.mutableSpan
            moments.add(&span, weights: Array(weights[block]), kernel: kernel)
        }
        return moments
    }

    @Test func `weighted moments match Double`() {
        let moments = Self.moments(blocks: [0..<Self.nodes])
        let (means, variances) = (moments.means, moments.variances)
        let total = Self.weights.reduce(0, +)
        let logits = Self.logits()
        let rows = (0..<Self.nodes).map { node in
            SoftmaxReference(Array(logits[node * Self.classes..<(node + 1) * Self.classes]))
        }
        for k in 0..<Self.classes {
            var (mean, variance) = (0.0, 0.0)
            for (row, weight) in zip(rows, Self.weights) {
                mean += weight / total * row.probabilities[k]
            }
            for (row, weight) in zip(rows, Self.weights) {
                variance += weight / total * pow(row.probabilities[k] - mean, 2)
            }
            #expect(abs(means[k] - mean) <= 0x1p-21)
            #expect(abs(variances[k].squareRoot() - variance.squareRoot()) <= 0x1p-21)
        }
        let entropy = zip(rows, Self.weights).reduce(0) { $0 + $1.1 / total * $1.0.entropy }
        #expect(abs(moments.expectedEntropy - entropy) <= 0x1p-19)
    }

    @Test func `cuts and threads do not change a bit`() {
        let whole = Self.moments(blocks: [0..<Self.nodes])
        for blocks in [[0..<1, 1..<9], [0..<4, 4..<5, 5..<9]] {
            for threads in [1, 2] {
                let parts = Self.moments(blocks: blocks, threads: threads)
                #expect(parts.means.bits == whole.means.bits)
                #expect(parts.variances.bits == whole.variances.bits)
                #expect([parts.expectedEntropy].bits == [whole.expectedEntropy].bits)
            }
        }
    }
}
