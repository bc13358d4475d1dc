internal import Predictions

/// A test, by independent draws of all probabilities, that one class has the largest mean. The
/// class is proven when the evidence is strong enough against each of the others.
///
/// A wrong leader has a challenger of no smaller mean, which it must beat as well as all others:
/// so it is proven with a chance of at most e^−`threshold`, however many challengers there are.
///
/// The most likely challengers are followed draw by draw. The others are beaten by what two bounds
/// say that each of them has come to: the sums of draws, or that in a draw of a distribution none
/// of them is more likely than all together.
struct LeaderTest: Sendable {
    /// Challengers that are followed draw by draw, at most.
    static let maxNear = 256

    let leader: Int
    /// The logarithm of the wealth that beats a challenger.
    let threshold: Double
    /// Challengers that are followed and not beaten yet.
    private var near: [Challenger] = []
    /// Those that were followed and are beaten.
    private var beaten: [Int] = []
    /// The others, while they are not beaten.
    private var far: [Int]
    /// The evidence against all of `far` as one; nil where that could not win.
    private var rest: BettingEvidence?
    /// Over the draws of this test.
    private var sums: DrawSums

    private struct Challenger {
        let index: Int
        var evidence = BettingEvidence()
    }

    /// - Parameter draws: those that chose the leader, which are none of the test's.
    init(leader: Int, of draws: DrawSums, _ link: Link, threshold: Double) {
        (self.leader, self.threshold) = (leader, threshold)
        sums = DrawSums(classCount: draws.sums.count)
        // The probability that the followed ones leave, and as much as the leader beats soon: it is
        // three quarters ahead, more than of those that decide how many draws are taken.
        var left = Double(draws.count) - draws.sums[leader]
        let little = draws.sums[leader] / 4
        for index in TopK.indices(of: draws.sums, count: Self.maxNear + 1) where index != leader {
            if near.count == Self.maxNear || (link == .softmax && left <= little) { break }
            near.append(Challenger(index: index))
            left -= draws.sums[index]
        }
        let followed = Set(near.map(\.index))
        far = draws.sums.indices.filter { $0 != leader && !followed.contains($0) }
        if link == .softmax, left <= little, !far.isEmpty { rest = BettingEvidence() }
    }

    /// Bytes of the challengers at most.
    static func byteCount(classCount: Int) -> Int {
        let near = min(classCount, maxNear)
        return near * (MemoryLayout<Challenger>.stride + BettingEvidence.logByteCount)
            + classCount * MemoryLayout<Int>.stride
    }

    var isProven: Bool { near.isEmpty && far.isEmpty }

    /// The classes whose draws are wanted, the leader first; none where sums are enough.
    var classes: [Int] {
        if near.isEmpty, rest == nil { return [] }
        return [leader] + near.map(\.index) + (rest == nil ? [] : beaten)
    }

    /// Adds independent draws of the probabilities of `classes`, one list a class, and looks at the
    /// evidence behind the last of them.
    mutating func add(_ draws: [[Double]]) {
        guard let own = draws.first else { return }
        addToRest(own, draws)
        for (place, other) in draws.dropFirst().prefix(near.count).enumerated() {
            for (p, q) in zip(own, other) { near[place].evidence.add(p - q) }
        }
        beaten += near.filter { $0.evidence.logWealth >= threshold }.map(\.index)
        near.removeAll { $0.evidence.logWealth >= threshold }
    }

    private mutating func addToRest(_ own: [Double], _ draws: [[Double]]) {
        guard var evidence = rest else { return }
        var left = [Double](repeating: 1, count: own.count)
        for list in draws {
            for (sample, p) in list.enumerated() { left[sample] -= p }
        }
        // Roundings may leave less than nothing.
        for (p, left) in zip(own, left) { evidence.add(p - max(0, left)) }
        rest = evidence
        if evidence.logWealth >= threshold { clearFar() }
    }

    /// Adds the sums of draws, of which `add` has those that it needs, and looks at the evidence.
    mutating func add(_ later: DrawSums, since earlier: DrawSums) {
        sums.add(later, since: earlier)
        let (own, square) = (sums.sums[leader], sums.squares[leader])
        far.removeAll { index in
            BettingEvidence.leastLogWealth(
                differences: own - sums.sums[index], squares: square + sums.squares[index])
                >= threshold
        }
        if far.isEmpty { clearFar() }
    }

    private mutating func clearFar() { (far, rest) = ([], nil) }
}
