import Fixtures
import Glibc
import Testing

@testable import Heads

/// The law of a product of heads against enumeration of every code.
@Suite struct ProductDistributionTests {
    struct Enumerated {
        var probabilities: [Double] = []
        var entropy = 0.0
    }

    static func logProduct(_ label: Int, _ radix: MixedRadix, _ logs: [[Double]]) -> Double {
        var sum = 0.0
        for (digit, head) in zip(radix.digits(of: label), logs) { sum += head[digit] }
        return sum
    }

    /// Every label's probability, by multiplying out.
    static func enumerate(_ radix: MixedRadix, _ logs: [[Double]]) -> Enumerated {
        let products = (0..<radix.classCount).map { exp(logProduct($0, radix, logs)) }
        let mass = products.reduce(0, +)
        let probabilities = products.map { $0 / mass }
        return Enumerated(
            probabilities: probabilities,
            entropy: HeadsTests.entropy(probabilities))
    }

    static func randomCase(
        _ random: inout SeededRandom
    ) throws -> (MixedRadix, [[Double]]) {
        let heads = Int.random(in: 1...4, using: &random)
        let sizes = (0..<heads).map { _ in Int.random(in: 1...6, using: &random) }
        let codes = sizes.reduce(1, *)
        let classes = Int.random(in: 1...codes, using: &random)
        let radix = try #require(MixedRadix(sizes: sizes, classCount: classes))
        // A coarse grid of logits makes ties common.
        let logs = sizes.map { size in
            HeadActivation.softmax.logDistribution(
                random.floats(size, in: -4...4).map { $0.rounded() })
        }
        return (radix, logs)
    }

    @Test func `matches enumeration for random heads`() throws {
        var random = SeededRandom(seed: 1)
        for _ in 0..<400 {
            let (radix, logs) = try Self.randomCase(&random)
            let truth = Self.enumerate(radix, logs)
            let found = ProductDistribution(radix: radix, logProbabilities: logs.flatMap { $0 })
            let probabilities = found.probabilities()
            #expect(probabilities.count == radix.classCount)
            for (own, expected) in zip(probabilities, truth.probabilities) {
                // One rounding to float32 of a double computation.
                #expect(abs(Double(own) - expected) <= 0x1p-24 * expected + 1e-12)
            }
            #expect(abs(found.entropy - truth.entropy) <= 1e-10)
        }
    }

    @Test func `top equals a sort of all labels`() throws {
        var random = SeededRandom(seed: 2)
        for _ in 0..<400 {
            let (radix, logs) = try Self.randomCase(&random)
            let found = ProductDistribution(radix: radix, logProbabilities: logs.flatMap { $0 })
            let products = (0..<radix.classCount).map { Self.logProduct($0, radix, logs) }
            let sorted = products.indices.sorted { (products[$0], $1) > (products[$1], $0) }
            for count in [0, 1, 2, 5, radix.classCount, radix.classCount + 1] {
                #expect(found.top(count).map(\.index) == Array(sorted.prefix(count)))
            }
        }
    }

    /// There are close to 2⁶³ codes, so that a sum with their number overflows.
    @Test func `few labels of nearly all codes that a number holds are listed`() throws {
        let sizes =
            [1] + [Int](repeating: 2, count: 15) + [3, 3, 5, 7, 13, 17, 97, 241, 257, 673]
        let radix = try #require(MixedRadix(sizes: sizes, classCount: 40_000))
        var random = SeededRandom(seed: 5)
        let logs = sizes.map { HeadActivation.softmax.logDistribution(random.floats($0)) }
        let found = ProductDistribution(radix: radix, logProbabilities: logs.flatMap { $0 })
        let truth = Self.enumerate(radix, logs)
        for (own, expected) in zip(found.probabilities(), truth.probabilities) {
            #expect(abs(Double(own) - expected) <= 0x1p-24 * expected + 1e-12)
        }
        #expect(found.probabilities().count == 40_000)
    }

    @Test func `labels in a far tail still have a distribution`() throws {
        // All mass but e^-2000 lies on the code that is not a label.
        let radix = try #require(MixedRadix(sizes: [2, 2], classCount: 3))
        let logs = [[-1000, 0], [-1000, 0]].map { HeadActivation.softmax.logDistribution($0) }
        let found = ProductDistribution(radix: radix, logProbabilities: logs.flatMap { $0 })
        #expect(found.probabilities() == [0, 0.5, 0.5])
        #expect(abs(found.entropy - log(2)) <= 1e-10)
    }

    @Test func `sigmoid heads are normalised marginals`() {
        let logits: [Float] = [-3, 0.5, 2]
        let sigmoids = logits.map { 1 / (1 + exp(-Double($0))) }
        let total = sigmoids.reduce(0, +)
        let found = HeadActivation.sigmoid.logDistribution(logits).map { exp($0) }
        for (own, sigmoid) in zip(found, sigmoids) {
            #expect(abs(own - sigmoid / total) <= 1e-14)
        }
    }
}
