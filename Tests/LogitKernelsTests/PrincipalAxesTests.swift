import Fixtures
import Glibc
import Testing

@testable import LogitKernels

extension SeededRandom {
    /// A standard normal, by Box and Muller.
    fileprivate mutating func normal() -> Double {
        let (first, second) = (
            Double.random(in: .leastNormalMagnitude...1, using: &self),
            Double.random(in: 0...1, using: &self)
        )
        return (-2 * Glibc.log(first)).squareRoot() * cos(2 * .pi * second)
    }
}

@Suite struct SymmetricEigenvectorTests {
    private static func check(_ matrix: [Double], size: Int) throws {
        let eigen = try #require(SymmetricEigenvectors(matrix, size: size))
        let scale = max(matrix.map(abs).max() ?? 0, 1e-300)
        // QL's backward error is a small multiple of n roundings.
        let tolerance = 20 * Double(max(size, 1)) * .ulpOfOne
        for row in 0..<size {
            let vector = Array(eigen.vectors[row * size..<(row + 1) * size])
            for other in 0..<size {
                let product = zip(vector, eigen.vectors[other * size..<(other + 1) * size])
                    .reduce(0) { $0 + $1.0 * $1.1 }
                #expect(abs(product - (row == other ? 1 : 0)) <= tolerance)
            }
            for line in 0..<size {
                let product = (0..<size).reduce(0) { sum, column in
                    let (a, b) = (min(line, column), max(line, column))
                    return sum + matrix[a * size + b] * vector[column]
                }
                let error = abs(product - eigen.values[row] * vector[line])
                #expect(error <= tolerance * scale * Double(size))
            }
            if row > 0 { #expect(eigen.values[row] <= eigen.values[row - 1]) }
        }
    }

    @Test(arguments: [1, 2, 3, 4, 17, 51, 64]) func `random matrices`(size: Int) throws {
        var random = SeededRandom(seed: UInt64(size))
        try Self.check((0..<size * size).map { _ in random.normal() }, size: size)
        // Of rank 2, so that most eigenvalues are equal.
        let (first, second) = (
            (0..<size).map { _ in random.normal() }, (0..<size).map { _ in random.normal() }
        )
        try Self.check(
            (0..<size * size).map {
                first[$0 / size] * first[$0 % size] + 1e-9 * second[$0 / size] * second[$0 % size]
            }, size: size)
    }

    @Test func `matrices that are diagonal already`() throws {
        try Self.check([Double](repeating: 0, count: 25), size: 5)
        try Self.check((0..<25).map { $0 % 6 == 0 ? 1 : 0 }, size: 5)
        try Self.check((0..<25).map { $0 % 6 == 0 ? Double($0 % 4) : 0 }, size: 5)
    }
}

@Suite(.everyInstructionSet) struct PrincipalAxesTests {
    /// Loadings, rank×K, and locations in base 2.
    private struct Noise {
        let rank: Int
        let classCount: Int
        var loadings: [Float]
        let location: [Float]

        init(rank: Int, classCount: Int) {
            (self.rank, self.classCount) = (rank, classCount)
            var random = SeededRandom(seed: UInt64(rank * 1000 + classCount))
            loadings = (0..<rank * classCount).map { _ in Float(random.normal()) }
            location = (0..<classCount).map { _ in Float(2 * random.normal()) }
        }

        func axes(threads: Int = 1, scale: Float = 0.5) -> PrincipalAxes? {
            unsafe loadings.withUnsafeBufferPointer { loadings in
                unsafe location.withUnsafeBufferPointer { location in
                    unsafe LogitKernel(threads: threads).principalAxes(
                        loadings, rank: rank, scale: scale, location: location)
                }
            }
        }

        /// The axes as the rows of a matrix: unit draws, rotated.
        func matrix(threads: Int = 1) throws -> [Float] {
            let found = try #require(axes(threads: threads))
            let units = (0..<rank * rank).map { Float($0 % (rank + 1) == 0 ? 1 : 0) }
            var result = [Float](repeating: .nan, count: rank * rank)
            var span = result.mutableSpan
            found.rotate(
                units.span, sampleCount: rank, into: &span, LogitKernel(threads: threads))
            return result
        }

        /// G by its definition, in double.
        func covariance(scale: Double = 0.5) -> [Double] {
            let shrunk = (0..<classCount).map { k in
                let square = (0..<rank).reduce(0.0) {
                    let a = scale * Double(loadings[$1 * classCount + k])
                    return $0 + a * a
                }
                return Double(location[k]) * Glibc.log(2) / (1 + .pi / 8 * square).squareRoot()
            }
            let largest = shrunk.max() ?? 0
            let powers = shrunk.map { Glibc.exp($0 - largest) }
            let total = powers.reduce(0, +)
            let weights = powers.map { $0 / total }
            let means = (0..<rank).map { r in
                (0..<classCount).reduce(0) {
                    $0 + weights[$1] * Double(loadings[r * classCount + $1])
                }
            }
            return (0..<rank * rank).map { index in
                let (r, q) = (index / rank, index % rank)
                return (0..<classCount).reduce(0) {
                    $0 + weights[$1] * (Double(loadings[r * classCount + $1]) - means[r])
                        * (Double(loadings[q * classCount + $1]) - means[q])
                }
            }
        }
    }

    /// In the axes' own frame the covariance is diagonal, and falls. Sums of K terms in float are
    /// off by K roundings of the largest at most, far less in the mean; axes by one each.
    @Test(arguments: [(2, 5), (5, 33), (51, 700), (64, 1500), (3, 40_000)])
    func `axes are those of the weighted covariance`(rank: Int, classCount: Int) throws {
        let noise = Noise(rank: rank, classCount: classCount)
        let (axes, covariance) = (try noise.matrix(), noise.covariance())
        func form(_ first: Int, _ second: Int) -> Double {
            (0..<rank).reduce(0) { sum, r in
                sum + Double(axes[first * rank + r])
                    * (0..<rank).reduce(0) {
                        $0 + covariance[r * rank + $1] * Double(axes[second * rank + $1])
                    }
            }
        }
        let largest = form(0, 0)
        let tolerance = 1e-5 * largest
        for first in 0..<rank {
            for second in 0..<first {
                #expect(abs(form(first, second)) <= tolerance)
                let product = (0..<rank).reduce(0.0) {
                    $0 + Double(axes[first * rank + $1]) * Double(axes[second * rank + $1])
                }
                #expect(abs(product) <= 1e-6)
            }
            if first > 0 { #expect(form(first, first) <= form(first - 1, first - 1) + tolerance) }
        }
    }

    @Test func `threads change nothing`() throws {
        let noise = Noise(rank: 51, classCount: 3000)
        #expect(try noise.matrix(threads: 1) == noise.matrix(threads: 2))
    }

    @Test func `there are none to choose, or too many, or no numbers`() {
        #expect(Noise(rank: 1, classCount: 9).axes() == nil)
        #expect(Noise(rank: 2, classCount: 9).axes() != nil)
        #expect(Noise(rank: 63, classCount: 9).axes() != nil)
        #expect(Noise(rank: 64, classCount: 9).axes() != nil)
        #expect(Noise(rank: 65, classCount: 9).axes() == nil)
        var far = Noise(rank: 3, classCount: 9)
        far.loadings[4] = 1e29
        #expect(far.axes() == nil)
    }
}
