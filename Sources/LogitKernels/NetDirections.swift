import CLogitKernels

/// The directions of a digital net's points: coordinate j of point i is the exclusive or of those
/// that belong to the bits of i.
package struct NetDirections: Sendable {
    /// Coordinates that there are.
    package static let maxDimensions = Int(LOGIT_SOBOL_DIMENSIONS)
    /// Bits of a coordinate, and of a point's index.
    static let bitCount = Int(LOGIT_SOBOL_BITS)

    /// Bits of an index that have directions.
    let count: Int
    /// Whether the direction of a bit has no digit behind that one.
    private let isTriangular: Bool
    /// Of all dimensions, `bitCount` each.
    private let words: [UInt32]

    private init(
        count: Int, isTriangular: Bool, _ write: (Int, UnsafeMutablePointer<UInt32>) -> Void
    ) {
        (self.count, self.isTriangular) = (count, isTriangular)
        var words = [UInt32](repeating: 0, count: Self.maxDimensions * Self.bitCount)
        unsafe words.withUnsafeMutableBufferPointer { words in
            guard let start = words.baseAddress else { return }
            for dimension in 0..<Self.maxDimensions {
                unsafe write(dimension, start + dimension * Self.bitCount)
            }
        }
        self.words = words
    }

    subscript(dimension: Int, bit: Int) -> UInt32 { words[dimension * Self.bitCount + bit] }

    /// The first digits of a direction beyond which it has none.
    func digitCount(ofBit bit: Int) -> Int { isTriangular ? bit + 1 : count }

    /// Sobol's: the first points are even too, however many more there are.
    package static let sequence = unsafe NetDirections(count: bitCount - 1, isTriangular: true) {
        unsafe logit_sobol_directions($0, $1)
    }

    /// Those of the net of `pointCount` points, which are even when all are there; nil where there
    /// is none, and Sobol's are the best.
    package static func net(pointCount: Int) -> NetDirections? {
        nets.first { 1 << $0.count == pointCount }
    }

    private static let nets = (LOGIT_NET_LEAST_BITS...LOGIT_NET_MOST_BITS).map { bits in
        unsafe NetDirections(count: Int(bits), isTriangular: false) {
            unsafe logit_net_directions($0, bits, $1)
        }
    }
}
