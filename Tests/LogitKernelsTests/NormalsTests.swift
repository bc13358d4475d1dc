import Glibc
import LogitKernels
import Testing

private func normals(
    seed: UInt64, first: Int = 0, samples: Int, dimensions: Int
) -> [Float] {
    var draws = [Float](repeating: .nan, count: samples * dimensions)
    var span = draws.mutableSpan
    LogitKernel(threads: 1).normals(
        seed: seed, firstSample: first, sampleCount: samples, dimensionCount: dimensions,
        into: &span)
    return draws
}

/// The random block of one counter, taken from any of the 16 lanes.
private func philox(_ counter: [UInt32], key: UInt64, lane: Int) -> [UInt32] {
    var words = (0..<64).map { UInt32($0) &* 0x1234_5677 }
    for i in 0..<4 { words[16 * i + lane] = counter[i] }
    var span = words.mutableSpan
    LogitKernel(threads: 1).philox(&span, key: key)
    return (0..<4).map { words[16 * $0 + lane] }
}

@Suite(.everyInstructionSet) struct NormalsTests {
    /// The known answers that Random123 publishes for philox4x32-10.
    @Test(arguments: 0..<16) func `Philox gives the known answers in every lane`(lane: Int) {
        let zero = philox([0, 0, 0, 0], key: 0, lane: lane)
        #expect(zero == [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8])
        let ones = philox([.max, .max, .max, .max], key: .max, lane: lane)
        #expect(ones == [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd])
        let pi = philox(
            [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], key: 0x299f_31d0_a409_3822,
            lane: lane)
        #expect(pi == [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1])
    }

    @Test(arguments: [0, 5, 1 << 32 + 3, Int.max - 40])
    func `draws are Box-Muller of the documented counters`(first: Int) {
        let seed: UInt64 = 0xdead_beef_0123_4567
        let draws = normals(seed: seed, first: first, samples: 20, dimensions: 11)
        for s in 0..<20 {
            let sample = UInt64(first + s)
            for j in 0..<11 {
                let words = philox(
                    [UInt32(truncatingIfNeeded: sample), UInt32(sample >> 32), UInt32(j / 4), 0],
                    key: seed, lane: 0)
                let pair = j % 4 / 2 * 2
                let u = Float(words[pair]) * 0x1p-32 + 0x1p-33
                let radius = (-2 * Glibc.log(Double(u))).squareRoot()
                let angle = 2 * Double.pi * (Double(words[pair + 1]) + 0.5) * 0x1p-32
                let truth = radius * (j % 2 == 0 ? cos(angle) : sin(angle))
                // 1 ulp of the logarithm, halved by the root; the root; 3 ulp of the cosine; the
                // product: below 5 ulp, of at most 2⁻²³ each.
                #expect(abs(Double(draws[s * 11 + j]) - truth) <= 5 * 0x1p-23 * abs(truth))
            }
        }
    }

    @Test func `moments are those of a standard normal`() {
        let draws = normals(seed: 7, samples: 20_000, dimensions: 50).map(Double.init)
        let n = Double(draws.count)
        var sums = [0.0, 0.0, 0.0, 0.0]
        for z in draws {
            let square = z * z
            sums[0] += z
            sums[1] += square
            sums[2] += square * z
            sums[3] += square * square
        }
        // Five standard errors: Var z = 1, Var z² = 2, Var z³ = 15, Var z⁴ = 105 - 9 = 96.
        #expect(abs(sums[0] / n) <= 5 * (1 / n).squareRoot())
        #expect(abs(sums[1] / n - 1) <= 5 * (2 / n).squareRoot())
        #expect(abs(sums[2] / n) <= 5 * (15 / n).squareRoot())
        #expect(abs(sums[3] / n - 3) <= 5 * (96 / n).squareRoot())
    }

    @Test func `neighbours are uncorrelated`() {
        let draws = normals(seed: 8, samples: 20_000, dimensions: 8)
        // Within a pair, across pairs, across blocks and across samples; Var(z z') = 1.
        for lag in [1, 2, 4, 8] {
            let count = draws.count - lag
            var sum = 0.0
            for i in 0..<count { sum += Double(draws[i]) * Double(draws[i + lag]) }
            #expect(abs(sum / Double(count)) <= 5 / Double(count).squareRoot())
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `distribution passes Kolmogorov-Smirnov`(seed: UInt64) {
        let draws = normals(seed: seed, samples: 4000, dimensions: 51).map(Double.init).sorted()
        let n = Double(draws.count)
        var distance = 0.0
        for (i, z) in draws.enumerated() {
            let phi = 0.5 * erfc(-z / 2.0.squareRoot())
            distance = max(distance, phi - Double(i) / n, Double(i + 1) / n - phi)
        }
        // P(D > c/√n) ≤ 2 exp(-2 c²); at one in a million c = sqrt(ln(2·10⁶) / 2).
        #expect(distance <= (Glibc.log(2e6) / 2).squareRoot() / n.squareRoot())
    }

    @Test func `all draws are finite and below the stated radius`() {
        let draws = normals(seed: .max, samples: 2000, dimensions: 100)
        #expect(draws.allSatisfy { abs($0) <= 6.7638 })
    }

    @Test func `cuts into blocks do not change a bit`() {
        let whole = normals(seed: 3, first: 10, samples: 100, dimensions: 13)
        for size in [1, 7, 33] {
            let cut = stride(from: 0, to: 100, by: size).flatMap {
                normals(seed: 3, first: 10 + $0, samples: min(size, 100 - $0), dimensions: 13)
            }
            #expect(cut.bits == whole.bits)
        }
    }

    @Test func `a draw does not depend on the dimension count`() {
        let wide = normals(seed: 4, samples: 9, dimensions: 70)
        for dimensions in 1...69 {
            let narrow = normals(seed: 4, samples: 9, dimensions: dimensions)
            let expected = (0..<9).flatMap { wide[($0 * 70)..<($0 * 70 + dimensions)] }
            #expect(narrow.bits == expected.bits)
        }
    }

    @Test func `seeds give different draws`() {
        let first = normals(seed: 1, samples: 4, dimensions: 4)
        #expect(first != normals(seed: 2, samples: 4, dimensions: 4))
        #expect(first != normals(seed: 1 << 32 + 1, samples: 4, dimensions: 4))
    }

    @Test func `nothing to draw is allowed`() {
        #expect(normals(seed: 1, samples: 0, dimensions: 4).isEmpty)
        #expect(normals(seed: 1, samples: 4, dimensions: 0).isEmpty)
    }
}
