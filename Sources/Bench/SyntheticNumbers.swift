/// Random numbers of synthetic weights and rows: the words of SplitMix64, two numbers each. They
/// depend on the seed and on the pieces in which they are asked for, on nothing else.
struct SyntheticNumbers {
    /// The seed of every measurement, so that each run of it computes with the same numbers.
    static let seed: UInt64 = 2026

    private var state: UInt64

    init(seed: UInt64 = Self.seed) { state = seed }

    /// Fills a piece with uniform numbers of -bound...bound. Of the last word of a piece with an
    /// odd count, a half is left over.
    mutating func fill(_ piece: inout [Float], bound: Float) {
        // A half is an integer of -2³¹..<2³¹, which becomes the nearest of the floats up to 2³¹.
        let scale = bound / 0x1p31
        var numbers = piece.mutableSpan
        let even = numbers.count & ~1
        for index in stride(from: 0, to: even, by: 2) {
            let word = next()
            numbers[index] = Float(Int32(truncatingIfNeeded: word)) * scale
            numbers[index + 1] = Float(Int32(truncatingIfNeeded: word >> 32)) * scale
        }
        if even < numbers.count {
            numbers[even] = Float(Int32(truncatingIfNeeded: next())) * scale
        }
    }

    private mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
