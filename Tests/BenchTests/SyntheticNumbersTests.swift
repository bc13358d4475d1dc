import Testing

@testable import Bench

@Suite struct SyntheticNumbersTests {
    static func numbers(_ count: Int, seed: UInt64 = 7, bound: Float = 1) -> [Float] {
        var numbers = SyntheticNumbers(seed: seed)
        var piece = [Float](repeating: 0, count: count)
        numbers.fill(&piece, bound: bound)
        return piece
    }

    /// The first words of SplitMix64 from the state 1234567, as its authors' C code gives them.
    @Test func `halves of the words of SplitMix64 are the numbers`() {
        let words: [UInt64] = [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
        ]
        let halves = words.flatMap { [UInt32(truncatingIfNeeded: $0), UInt32($0 >> 32)] }
        let expected = halves.map { Float(Double(Int32(bitPattern: $0)) / 0x1p31) }
        #expect(Self.numbers(6, seed: 1_234_567) == expected)
    }

    @Test func `the same seed gives the same numbers, another seed others`() {
        #expect(Self.numbers(1000) == Self.numbers(1000))
        #expect(Self.numbers(1000) != Self.numbers(1000, seed: 8))
    }

    @Test func `pieces of whole words go on where the last one ended`() {
        var numbers = SyntheticNumbers(seed: 7)
        var (first, second) = ([Float](repeating: 0, count: 10), [Float](repeating: 0, count: 6))
        numbers.fill(&first, bound: 1)
        numbers.fill(&second, bound: 1)
        #expect(first + second == Self.numbers(16))
    }

    @Test func `an odd piece leaves half a word over`() {
        var numbers = SyntheticNumbers(seed: 7)
        var (first, second) = ([Float](repeating: 0, count: 3), [Float](repeating: 0, count: 2))
        numbers.fill(&first, bound: 1)
        numbers.fill(&second, bound: 1)
        let whole = Self.numbers(6)
        #expect(first == Array(whole[0..<3]) && second == Array(whole[4..<6]))
    }

    /// Of n numbers of -b...b the mean has the standard error b/√(3n) and the mean square, b²/3,
    /// the standard error b²·√(4/45n); six of them are passed once in 5e8 draws of a seed.
    @Test func `numbers are uniform up to the bound`() {
        let (count, bound) = (100_000, 0.25)
        let numbers = Self.numbers(count, bound: Float(bound)).map(Double.init)
        #expect(numbers.allSatisfy { abs($0) <= bound })
        let n = Double(count)
        let mean = numbers.reduce(0, +) / n
        #expect(abs(mean) < 6 * bound / (3 * n).squareRoot())
        let square = numbers.reduce(0) { $0 + $1 * $1 } / n
        #expect(abs(square - bound * bound / 3) < 6 * bound * bound * (4 / (45 * n)).squareRoot())
    }
}
