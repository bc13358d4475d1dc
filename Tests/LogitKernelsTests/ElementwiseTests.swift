import Glibc
import LogitKernels
import Testing

private typealias Map = (LogitKernel, inout MutableSpan<Float>) -> Void

/// Every 4,099th of all bit patterns: a prime step, so that all exponents meet all kinds of
/// mantissa.
private let patterns: [Float] = stride(from: UInt32(0), through: .max - 4099, by: 4099)
    .map { Float(bitPattern: $0) }

private func applied(_ map: Map, to values: [Float]) -> [Float] {
    var results = values
    var span = results.mutableSpan
    map(LogitKernel(threads: 1), &span)
    return results
}

/// The largest error in ulp over the values that `isIncluded`.
private func worst(
    _ map: Map, _ truth: (Double) -> Double, on values: [Float], _ isIncluded: (Float) -> Bool
) -> Double {
    let chosen = values.filter(isIncluded)
    var largest = 0.0
    for (value, result) in zip(chosen, applied(map, to: chosen)) {
        largest = max(largest, ulps(result, truth(Double(value))))
    }
    return largest
}

@Suite(.everyInstructionSet) struct ElementwiseTests {
    @Test func `exponential is within one ulp over its range`() {
        let near = (0...60_000).map { Float($0) * 0x1p-9 - 60 }
        let map: Map = { $0.exp(&$1) }
        #expect(worst(map, Glibc.exp, on: patterns + near) { -87.33 <= $0 && $0 <= 88.72 } <= 1)
    }

    @Test func `exponential is zero below its range and constant above`() {
        let below: [Float] = [(-87.33 as Float).nextDown, -88, -1e4, -.infinity, .nan]
        #expect(applied({ $0.exp(&$1) }, to: below) == [0, 0, 0, 0, 0])
        #expect(applied({ $0.exp(&$1) }, to: [-87.33])[0] >= .leastNormalMagnitude)
        let above = applied({ $0.exp(&$1) }, to: [88.72, (88.72 as Float).nextUp, 1e4, .infinity])
        #expect(above.allSatisfy { $0 == above[0] && $0.isFinite && $0 > 3.3e38 })
    }

    @Test func `exponential of zero is exactly one`() {
        #expect(applied({ $0.exp(&$1) }, to: [0, -0.0]) == [1, 1])
    }

    @Test func `logarithm is within one ulp for all normal values`() {
        let near = (-50_000...50_000).map { 1 + Float($0) * 0x1p-24 }
        let uniforms = [0x1p-33, 0x1.8p-32, 0x1.fffffep-1, 1] as [Float]
        let map: Map = { $0.log(&$1) }
        #expect(
            worst(map, Glibc.log, on: patterns + near + uniforms) { $0.isNormal && $0 > 0 } <= 1)
    }

    @Test func `hyperbolic tangent is within three ulp`() {
        let near = (-40_000...40_000).map { Float($0) * 0x1p-12 }
        let map: Map = { $0.tanh(&$1) }
        #expect(worst(map, Glibc.tanh, on: patterns + near) { !$0.isNaN } <= 3)
        #expect(applied(map, to: [.infinity, -.infinity, .nan]) == [1, -1, -1])
    }

    @Test func `sigmoid is within three ulp where it is not flushed`() {
        let near = (-60_000...60_000).map { Float($0) * 0x1p-10 }
        let map: Map = { $0.sigmoid(&$1) }
        let truth = { (x: Double) in 1 / (1 + Glibc.exp(-x)) }
        #expect(worst(map, truth, on: patterns + near) { $0 >= -87.33 } <= 3)
        let extremes = applied(map, to: [-87.34, -1e4, -.infinity, .nan, .infinity, 1e38])
        #expect(extremes == [0, 0, 0, 0, 1, 1])
    }

    @Test func `softplus is within three ulp where it is not flushed`() {
        let near = (-60_000...60_000).map { Float($0) * 0x1p-10 }
        let map: Map = { $0.softplus(&$1) }
        let truth = { (x: Double) in max(x, 0) + Glibc.log1p(Glibc.exp(-abs(x))) }
        #expect(worst(map, truth, on: patterns + near) { $0 >= -87.33 && $0 < .infinity } <= 3)
        let extremes = applied(map, to: [-87.34, -.infinity, .nan, .infinity])
        #expect(extremes == [0, 0, 0, .infinity])
    }

    /// Φ(x) = erfc(-x/√2)/2, whose argument is exact enough in double: it errs by 2⁻⁵³·x² < 2⁻⁴⁵.
    @Test func `gelu is within ten ulp and above zero within four`() {
        let near = (-60_000...60_000).map { Float($0) * 0x1p-12 }
        let map: Map = { $0.gelu(&$1) }
        let truth = { (x: Double) in x * Glibc.erfc(-x * 0.5.squareRoot()) / 2 }
        #expect(worst(map, truth, on: patterns + near) { $0 >= -13.2 && $0 < .infinity } <= 10)
        #expect(worst(map, truth, on: patterns + near) { $0 >= 0 && $0 < .infinity } <= 4)
        let extremes = applied(map, to: [-13.3, -1e38, -.infinity, .nan, .infinity, 1e38, 0, -0.0])
        #expect(extremes == [0, 0, 0, 0, .infinity, 1e38, 0, 0])
        #expect(applied(map, to: [(-13.2 as Float).nextDown])[0] == 0)
        #expect(applied(map, to: [-13.2])[0] < 0)
    }

    @Test func `rectifier keeps the positive part`() {
        let results = applied({ $0.relu(&$1) }, to: patterns)
        let wrong = zip(patterns, results).filter { $1 != ($0 > 0 ? $0 : 0) }
        #expect(wrong.isEmpty)
    }

    @Test func `sine and cosine of a turn are within three ulp`() {
        let edges = (0..<8).flatMap { octant in
            (0..<64).map { UInt32(octant) << 29 &+ $0 &- 32 }
        }
        let words = stride(from: UInt32(0), through: .max - 9973, by: 9973) + edges
        var sines = [Float](repeating: 0, count: words.count)
        var cosines = sines
        var first = sines.mutableSpan
        var second = cosines.mutableSpan
        LogitKernel(threads: 1).sineCosine(of: words.span, sines: &first, cosines: &second)
        var largest = 0.0
        for (i, word) in words.enumerated() {
            // The angle from the nearest quarter turn, so that the reference is good near zeros.
            let turns = (Double(word) + 0.5) * 0x1p-32
            let quarter = (turns * 4).rounded()
            let (s, c) = (
                sin((turns - quarter / 4) * 2 * .pi), cos((turns - quarter / 4) * 2 * .pi)
            )
            let (sine, cosine) = [(s, c), (c, -s), (-s, -c), (-c, s), (s, c)][Int(quarter)]
            largest = max(largest, ulps(sines[i], sine), ulps(cosines[i], cosine))
        }
        #expect(largest <= 3)
    }

    @Test func `a value's result does not depend on its place`() {
        var source = TestValues(seed: 1)
        let values = source.floats(67, scale: 20)
        let maps: [Map] = [
            { $0.exp(&$1) }, { $0.tanh(&$1) }, { $0.sigmoid(&$1) }, { $0.softplus(&$1) },
            { $0.relu(&$1) }, { $0.gelu(&$1) },
        ]
        for map in maps {
            let together = applied(map, to: values)
            for (i, value) in values.enumerated() {
                #expect(applied(map, to: [value]).bits == [together[i].bitPattern])
            }
            #expect(applied(map, to: []).isEmpty)
        }
    }
}
