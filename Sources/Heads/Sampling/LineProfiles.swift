internal import LogitKernels
internal import Predictions

/// The laws over the noise of single class probabilities, where all logits move along one line:
/// from `pointCount` points of equal probability, as samples, so that a share is off by no more
/// than 1/`pointCount` for each time that a probability turns.
struct LineProfiles {
    static let pointCount = 4096
    /// The middles of shares of equal probability.
    private static let points = (0..<pointCount).map { index in
        Float(NormalQuantile.of((Double(index) + 0.5) / Double(pointCount)))
    }

    private let details: RowDetails
    private let context: ComputeContext
    private let row: Int

    init(_ details: RowDetails, row: Int, _ context: ComputeContext) {
        (self.details, self.row, self.context) = (details, row, context)
    }

    /// The profiles of some classes, in their order: `pointCount`·K exponentials a member, and
    /// `pointCount` floats of memory a class and member.
    func profiles(
        ofClasses classes: [Int], _ members: [NormalLogits]
    ) throws(RowSampler.Failure) -> [NoiseProfile] {
        var lists = [[Float]](repeating: [], count: classes.count)
        var votes: [Int] = classes.map { _ in 0 }
        for member in members { try add(member, classes, &lists, &votes) }
        let profiles = NoiseProfiles(details)
        let count = Double(Self.pointCount * members.count)
        return classes.indices.map { place in
            var profile = profiles.profile(of: lists[place])
            if details.wantsVoteShare { profile.voteShare = Float(Double(votes[place]) / count) }
            return profile
        }
    }

    private func add(
        _ logits: NormalLogits, _ classes: [Int], _ lists: inout [[Float]], _ votes: inout [Int]
    ) throws(RowSampler.Failure) {
        let (kernel, classCount) = (context.kernel, logits.means.count)
        let blockSize = min(max((1 << 18) / classCount, 8), 96)
        var leaders = [UInt32](repeating: 0, count: classCount)
        for first in stride(from: 0, to: Self.pointCount, by: blockSize) {
            guard context.isWanted(row) else { throw .notWanted }
            let places = Array(Self.points[first..<min(first + blockSize, Self.pointCount)])
            kernel.withScratch(count: places.count * classCount) { block in
                kernel.affineLogits(
                    location: logits.means.span, loadings: logits.scales.span, rank: 1,
                    draws: places.span, sampleCount: places.count, into: &block)
                let values = kernel.probabilities(
                    of: classes, in: &block, classCount: classCount, link: .softmax)
                for place in classes.indices {
                    lists[place] += values[place * places.count..<(place + 1) * places.count]
                }
                if details.wantsVoteShare { kernel.countVotes(block, &leaders) }
            }
        }
        for (place, k) in classes.enumerated() { votes[place] += Int(leaders[k]) }
    }
}
