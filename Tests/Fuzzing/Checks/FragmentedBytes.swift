/// A fuzzer's input as a stream that comes in fragments: the first two bytes choose how it is cut,
/// the rest is the stream.
struct FragmentedBytes {
    let bytes: [UInt8]
    private var seed: UInt64
    private static let choiceBytes = 2

    init(_ input: [UInt8]) {
        seed = input.prefix(Self.choiceBytes).reduce(1) { $0 << 8 | UInt64($1) }
        bytes = Array(input.dropFirst(Self.choiceBytes))
    }

    /// One fragment.
    var whole: [[UInt8]] { bytes.isEmpty ? [] : [bytes] }
    /// As many fragments as bytes.
    var single: [[UInt8]] { bytes.map { [$0] } }
    /// Fragments of 1 to 16 bytes, as the choice has it.
    var chosen: [[UInt8]] {
        var source = self
        var fragments: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let fragment = rest.prefix(1 + source.next(below: 16))
            fragments.append(Array(fragment))
            rest = rest.dropFirst(fragment.count)
        }
        return fragments
    }

    /// The next of the numbers that the choice leads to (Knuth's linear congruence).
    mutating func next(below bound: Int) -> Int {
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(seed >> 33) % bound
    }
}
