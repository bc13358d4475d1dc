internal import LogitKernels

/// Sums over draws, per class: of the probabilities and of their squares.
struct DrawSums: Sendable, Equatable {
    var count: Int
    var sums: [Double]
    var squares: [Double]

    /// No draws.
    init(classCount: Int) {
        count = 0
        sums = Array(repeating: 0, count: classCount)
        squares = sums
    }

    /// Adds a share of the probabilities of a member's draws, which all members have as many of.
    mutating func add(_ moments: SampleMoments, share: Double) {
        count = moments.sampleCount
        let factor = share * Double(count)
        for k in sums.indices {
            sums[k] += moments.mean(of: k) * factor
            squares[k] += moments.meanSquare(of: k) * factor
        }
    }

    /// Adds the draws of `later` that were not in `earlier`.
    mutating func add(_ later: DrawSums, since earlier: DrawSums) {
        count += later.count - earlier.count
        for k in sums.indices {
            sums[k] += later.sums[k] - earlier.sums[k]
            squares[k] += later.squares[k] - earlier.squares[k]
        }
    }

    /// The class that an answer lists first: the largest mean in the precision of answers, ties to
    /// the lower index. 0 before the first draw.
    var leader: Int {
        let count = Double(max(count, 1))
        var (leader, most) = (0, -Float.infinity)
        for (k, sum) in sums.enumerated() {
            let mean = Float(sum / count)
            if mean > most { (leader, most) = (k, mean) }
        }
        return leader
    }
}
