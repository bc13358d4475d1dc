import CLogitKernels

/// A digital net's points under a random linear scramble of their digits and a digital shift
/// (Matoušek, J. Complexity 14, 1998; Owen, J. Complexity 30, 2014), as standard normals. Each
/// point alone is uniform, and 2ᵐ of them are as even as those that were scrambled.
package struct ScrambledNet: Sendable {
    /// The last word of the counters of scrambles; normals have a smaller one.
    private static let counterMark: UInt32 = 0x8000_0000

    private let dimensionCount: Int
    private let pointBits: Int
    /// For each bit of an index and each dimension the exclusive or of the directions up to it.
    private var steps: [UInt32]
    private var shifts: [UInt32]

    /// The scramble that `seed` and `stream` name of points along `directions`, in as many
    /// dimensions, for points below `pointCount`. Those of fewer points or dimensions are the same
    /// ones. Cost: about log₂(`pointCount`)² / 2 steps a dimension.
    package init(
        _ directions: NetDirections = .sequence, dimensionCount: Int, pointCount: Int,
        seed: UInt64, stream: UInt32, kernel: LogitKernel
    ) {
        precondition(dimensionCount <= NetDirections.maxDimensions, "no directions")
        precondition(pointCount <= 1 << directions.count, "too many points")
        self.dimensionCount = dimensionCount
        pointBits = max(1, Int.bitWidth - max(0, pointCount - 1).leadingZeroBitCount)
        steps = [UInt32](repeating: 0, count: pointBits * dimensionCount)
        shifts = [UInt32](repeating: 0, count: dimensionCount)
        let digits = (0..<pointBits).map { directions.digitCount(ofBit: $0) }.max() ?? 0
        let words = RandomWords(
            count: digits + 1, dimensionCount: dimensionCount, seed: seed, stream: stream, kernel)
        for dimension in 0..<dimensionCount { scramble(directions, dimension, words) }
    }

    /// Sets the shift and the scrambled directions of a dimension. A digit of a coordinate becomes
    /// itself plus a random choice of the digits before it; so each digit moves those behind it.
    private mutating func scramble(
        _ directions: NetDirections, _ dimension: Int, _ words: RandomWords
    ) {
        shifts[dimension] = words[0, dimension]
        var step: UInt32 = 0
        for bit in 0..<pointBits {
            let direction = directions[dimension, bit]
            for digit in 0..<directions.digitCount(ofBit: bit) {
                let place = UInt32(1) << UInt32(NetDirections.bitCount - 1 - digit)
                guard direction & place != 0 else { continue }
                step ^= place | words[digit + 1, dimension] & (place - 1)
            }
            steps[bit * dimensionCount + dimension] = step
        }
    }

    /// Writes points from `first` on, `sampleCount`×`stride`, of which the first `dimensionCount`
    /// numbers of a row are written.
    package func normals(
        first: Int, sampleCount: Int, stride: Int, into draws: inout MutableSpan<Float>,
        _ kernel: LogitKernel
    ) {
        precondition(
            stride >= dimensionCount && draws.count == sampleCount * stride, "not S×stride")
        precondition(first >= 0 && first + sampleCount <= 1 << pointBits, "points beyond the net")
        unsafe draws.withUnsafeMutableBufferPointer { draws in
            unsafe steps.withUnsafeBufferPointer { steps in
                unsafe shifts.withUnsafeBufferPointer { shifts in
                    unsafe kernel.table.sampling.net_normals(
                        steps.baseAddress, shifts.baseAddress, dimensionCount, UInt64(first),
                        sampleCount, stride, draws.baseAddress)
                }
            }
        }
    }

    /// Random words of each dimension, by Philox on counters of the dimension and the word.
    private struct RandomWords {
        private let dimensionCount: Int
        private var words: [UInt32]

        init(
            count: Int, dimensionCount: Int, seed: UInt64, stream: UInt32, _ kernel: LogitKernel
        ) {
            self.dimensionCount = dimensionCount
            let blocks = (count + 3) / 4
            words = [UInt32](repeating: 0, count: 4 * blocks * dimensionCount)
            var lanes = [UInt32](repeating: 0, count: 4 * laneCount)
            for block in 0..<blocks {
                for first in stride(from: 0, to: dimensionCount, by: laneCount) {
                    for lane in 0..<laneCount {
                        lanes[lane] = UInt32(block)
                        lanes[laneCount + lane] = UInt32(first + lane)
                        lanes[2 * laneCount + lane] = stream
                        lanes[3 * laneCount + lane] = ScrambledNet.counterMark
                    }
                    var span = lanes.mutableSpan
                    kernel.philox(&span, key: seed)
                    for word in 0..<4 {
                        for lane in 0..<min(laneCount, dimensionCount - first) {
                            words[(4 * block + word) * dimensionCount + first + lane] =
                                lanes[word * laneCount + lane]
                        }
                    }
                }
            }
        }

        subscript(word: Int, dimension: Int) -> UInt32 { words[word * dimensionCount + dimension] }
    }
}
