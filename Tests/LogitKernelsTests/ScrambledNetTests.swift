import CLogitKernels
import Glibc
import Testing

@testable import LogitKernels

/// Sobol's directions as Joe and Kuo published them.
@Suite struct SobolDirectionTests {
    private static func directions(_ dimension: Int) -> [UInt32] {
        var directions = [UInt32](repeating: 0, count: Int(LOGIT_SOBOL_BITS))
        unsafe directions.withUnsafeMutableBufferPointer {
            unsafe logit_sobol_directions(dimension, $0.baseAddress)
        }
        return directions
    }

    @Test(
        arguments: [
            (0, [0x8000_0000, 0x4000_0000, 0x2000_0000, 0x1000_0000, 1]),
            (1, [0x8000_0000, 0xc000_0000, 0xa000_0000, 0xf000_0000, 0xffff_ffff]),
            (2, [0x8000_0000, 0xc000_0000, 0x6000_0000, 0x9000_0000, 0xc500_5555]),
            (50, [0x8000_0000, 0xc000_0000, 0xe000_0000, 0x7000_0000, 0xc250_ebb9]),
            (255, [0x8000_0000, 0x4000_0000, 0x2000_0000, 0x5000_0000, 0xd230_013b]),
        ] as [(Int, [UInt32])])
    func `directions are the published ones`(dimension: Int, expected: [UInt32]) {
        let found = Self.directions(dimension)
        #expect([0, 1, 2, 3, 31].map { found[$0] } == expected)
    }

    /// A hash (FNV's multiplier) of all of them, of SciPy's table.
    @Test func `so are all others`() {
        var hash: UInt64 = 0
        for dimension in 0..<Int(LOGIT_SOBOL_DIMENSIONS) {
            for direction in Self.directions(dimension) {
                hash = hash &* 0x100_0000_01b3 ^ UInt64(direction)
            }
        }
        #expect(hash == 0xc53_67d7_fdcc_dee6)
    }
}

@Suite(.everyInstructionSet) struct ScrambledNetTests {
    private static func normals(
        dimensions: Int, points: Int, first: Int = 0, count: Int? = nil, seed: UInt64 = 5,
        stream: UInt32 = 0, stride: Int? = nil
    ) -> [Float] {
        let kernel = LogitKernel(threads: 1)
        let net = ScrambledNet(
            dimensionCount: dimensions, pointCount: points, seed: seed, stream: stream,
            kernel: kernel)
        let (count, stride) = (count ?? points, stride ?? dimensions)
        var draws = [Float](repeating: .nan, count: count * stride)
        var span = draws.mutableSpan
        net.normals(first: first, sampleCount: count, stride: stride, into: &span, kernel)
        return draws
    }

    /// Φ(x) in double.
    private static func uniform(_ normal: Float) -> Double {
        0.5 * erfc(-Double(normal) * 0.5.squareRoot())
    }

    /// A normal is off by 2e-6 at most, so its place by 8e-7: none of these lies so near an edge.
    @Test(arguments: [1, 2, 37, 256])
    func `every interval has as many points as it is wide`(dimensions: Int) {
        let points = 128
        for seed in [0, 1, 99] as [UInt64] {
            let draws = Self.normals(dimensions: dimensions, points: points, seed: seed)
            for dimension in 0..<dimensions {
                let cells = (0..<points).map {
                    Int(Self.uniform(draws[$0 * dimensions + dimension]) * Double(points))
                }
                #expect(cells.sorted() == Array(0..<points))
            }
        }
    }

    /// The first two coordinates are a (0, m, 2)-net: so is every scramble of them.
    @Test func `so has every rectangle of the first two coordinates`() {
        let draws = Self.normals(dimensions: 2, points: 64)
        for bits in 0...6 {
            let cells = (0..<64).map { point in
                let (x, y) = (Self.uniform(draws[2 * point]), Self.uniform(draws[2 * point + 1]))
                return Int(x * Double(1 << bits)) << (6 - bits) + Int(y * Double(64 >> bits))
            }
            #expect(cells.sorted() == Array(0..<64))
        }
    }

    @Test func `cuts, more points and more dimensions change no number`() {
        let all = Self.normals(dimensions: 20, points: 64)
        for first in [0, 1, 16, 31, 63] {
            let part = Self.normals(dimensions: 20, points: 64, first: first, count: 64 - first)
            #expect(part == Array(all[(first * 20)...]))
        }
        #expect(Self.normals(dimensions: 20, points: 1000, count: 64) == all)
        let narrow = Self.normals(dimensions: 3, points: 64)
        let wide = Self.normals(dimensions: 3, points: 64, stride: 5)
        for point in 0..<64 {
            let own = all[point * 20..<point * 20 + 3]
            #expect(narrow[3 * point..<3 * point + 3] == own)
            #expect(wide[5 * point..<5 * point + 3] == own)
            #expect(wide[5 * point + 3].isNaN && wide[5 * point + 4].isNaN)
        }
    }

    /// Means of 400 scrambles of one point: of standard deviation 1/20 each, within five.
    @Test func `a point of many scrambles is a standard normal`() {
        var (sum, square, product) = (0.0, 0.0, 0.0)
        for seed in 0..<100 {
            for stream in 0..<4 {
                let draws = Self.normals(
                    dimensions: 2, points: 8, first: 5, count: 1, seed: UInt64(seed),
                    stream: UInt32(stream))
                sum += Double(draws[0])
                square += Double(draws[0]) * Double(draws[0]) - 1
                product += Double(draws[0]) * Double(draws[1])
            }
        }
        #expect(abs(sum / 400) < 5 / 20 && abs(product / 400) < 5 / 20)
        #expect(abs(square / 400) < 5 * 2.0.squareRoot() / 20)
    }

    /// Shifts alone, as point 0 has no direction: words at the ends, at ½ and where the rational
    /// functions meet, by a table of the kernel.
    @Test func `words become quantiles`() {
        let edges: [UInt32] = [0, 1, 2, 0x7fff_ffff, 0x8000_0000, 0x8000_0001, .max - 1, .max]
        let split = UInt32(0.925 * 0x1p32)
        let near = (0..<200).flatMap { [split - 100 + $0, UInt32.max - split - 100 + $0] }
        let spread = (0..<4000).map { UInt32(truncatingIfNeeded: $0 &* 1_073_741) }
        let words = edges + near + spread + (0..<32).map { 1 << $0 }
        var draws = [Float](repeating: .nan, count: words.count)
        unsafe draws.withUnsafeMutableBufferPointer { draws in
            unsafe words.withUnsafeBufferPointer { words in
                unsafe LogitKernel(threads: 1).table.sampling.net_normals(
                    words.baseAddress, words.baseAddress, words.count, 0, 1, words.count,
                    draws.baseAddress)
            }
        }
        for (word, draw) in zip(words, draws) {
            let u = (Double(word) + 0.5) * 0x1p-32
            let x = Double(draw)
            let density = exp(-x * x / 2) / (2 * Double.pi).squareRoot()
            // From the nearer end, where Φ keeps its digits.
            let tail = 0.5 * erfc(abs(x) * 0.5.squareRoot())
            let error = (tail - min(u, 1 - u)) / density
            #expect(abs(error) <= 2e-6 && (u < 0.5) == (draw < 0), "word \(word): \(draw)")
        }
    }
}
