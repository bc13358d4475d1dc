import CLogitKernels
import Glibc
import Testing

@testable import LogitKernels

/// Nets made for their number of points, by counting the points of scrambles in boxes. A normal is
/// off by 2e-6 at most, so its place by 8e-7: none of these lies so near an edge.
@Suite(.everyInstructionSet) struct SmallNetTests {
    private static func normals(
        _ points: Int, dimensions: Int, seed: UInt64 = 5, samples: Range<Int>? = nil
    ) throws -> [Float] {
        let kernel = LogitKernel(threads: 1)
        let samples = samples ?? 0..<points
        let net = ScrambledNet(
            try #require(NetDirections.net(pointCount: points)), dimensionCount: dimensions,
            pointCount: samples.upperBound, seed: seed, stream: 1, kernel: kernel)
        var draws = [Float](repeating: .nan, count: samples.count * dimensions)
        var span = draws.mutableSpan
        net.normals(
            first: samples.lowerBound, sampleCount: samples.count, stride: dimensions, into: &span,
            kernel)
        return draws
    }

    /// The places in (0, 1) of each dimension's points.
    private static func places(
        _ points: Int, dimensions: Int, seed: UInt64
    ) throws -> [[Double]] {
        let draws = try normals(points, dimensions: dimensions, seed: seed)
        return (0..<dimensions).map { dimension in
            (0..<points).map {
                0.5 * erfc(-Double(draws[$0 * dimensions + dimension]) / 2.0.squareRoot())
            }
        }
    }

    /// The largest number of points in a box of 2^bits × 2^otherBits of equal sizes.
    private static func most(_ x: [Double], _ bits: Int, _ y: [Double], _ otherBits: Int) -> Int {
        var counts = [Int](repeating: 0, count: 1 << (bits + otherBits))
        for (x, y) in zip(x, y) {
            let row = Int(x * Double(1 << bits))
            counts[row << otherBits + Int(y * Double(1 << otherBits))] += 1
        }
        return counts.max() ?? 0
    }

    @Test(arguments: [(2, false), (3, false), (4, true), (8, true), (16, true), (32, false)])
    func `there are nets of 4, 8 and 16 points`(points: Int, isThere: Bool) {
        #expect((NetDirections.net(pointCount: points) != nil) == isThere)
    }

    @Test(arguments: [4, 8, 16])
    func `every interval has as many points as it is wide`(points: Int) throws {
        for seed in [0, 1, 99] as [UInt64] {
            for places in try Self.places(points, dimensions: 256, seed: seed) {
                let cells = places.map { Int($0 * Double(points)) }
                #expect(cells.sorted() == Array(0..<points))
            }
        }
    }

    /// Of 2ᵐ points there are 2ᵐ - 1 even halves, which the first coordinates do not share.
    @Test(arguments: [(4, 3), (8, 7), (16, 12)])
    func `every quadrant of the first coordinates has a quarter of the points`(
        points: Int, dimensions: Int
    ) throws {
        let places = try Self.places(points, dimensions: dimensions, seed: 3)
        for first in places.indices {
            for second in 0..<first {
                #expect(Self.most(places[first], 1, places[second], 1) == points / 4)
            }
        }
    }

    @Test(arguments: [4, 8, 16])
    func `every rectangle of the first three coordinates has one point`(points: Int) throws {
        let places = try Self.places(points, dimensions: 3, seed: 3)
        let bits = points.trailingZeroBitCount
        for (first, second) in [(0, 1), (0, 2), (1, 2)] {
            for own in 0...bits {
                #expect(Self.most(places[first], own, places[second], bits - own) == 1)
            }
        }
    }

    @Test(arguments: [4, 8, 16]) func `cuts and more dimensions change no number`(
        points: Int
    ) throws {
        let all = try Self.normals(points, dimensions: 20)
        for first in 0..<points {
            for last in first..<points {
                let part = try Self.normals(points, dimensions: 20, samples: first..<last + 1)
                #expect(part == Array(all[first * 20..<(last + 1) * 20]))
            }
        }
        let narrow = try Self.normals(points, dimensions: 3)
        for point in 0..<points {
            #expect(narrow[3 * point..<3 * point + 3] == all[20 * point..<20 * point + 3])
        }
    }

    /// Means of 400 scrambles of one point: of standard deviation 1/20 each, within five.
    @Test func `a point of many scrambles is a standard normal`() throws {
        var (sum, square, product) = (0.0, 0.0, 0.0)
        for seed in 0..<400 as Range<UInt64> {
            let draws = try Self.normals(16, dimensions: 2, seed: seed, samples: 11..<12)
            sum += Double(draws[0])
            square += Double(draws[0]) * Double(draws[0]) - 1
            product += Double(draws[0]) * Double(draws[1])
        }
        #expect(abs(sum / 400) < 5 / 20 && abs(product / 400) < 5 / 20)
        #expect(abs(square / 400) < 5 * 2.0.squareRoot() / 20)
    }
}
