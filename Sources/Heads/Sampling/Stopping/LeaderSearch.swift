internal import Glibc
internal import LogitKernels
internal import Predictions

/// The search for a class that is proven to have the largest mean probability, by independent draws
/// of all probabilities.
///
/// The class that leads by the draws so far is tested by the next ones: none that chose it. Where
/// another one comes to lead, it has a test of its own, and that of the first rests until it leads
/// again. The r-th test asks for the evidence r (r + 1) / δ, which a wrong leader reaches with a
/// chance of at most δ / (r (r + 1)): all of them together, however many come to lead, with δ.
struct LeaderSearch: Sendable {
    /// Tests that are kept; the one that has rested longest gives way. Where its class comes to
    /// lead again, that is another test.
    static let maxTests = 4

    private let delta: Double
    private let link: Link
    /// The last one is that of the class that leads.
    private var tests: [LeaderTest] = []
    private var begunCount = 0
    /// All draws so far.
    private var sums: DrawSums

    /// - Parameter delta: the level of error, in (0, 1).
    init(delta: Double, _ link: Link, classCount: Int) {
        (self.delta, self.link) = (delta, link)
        sums = DrawSums(classCount: classCount)
    }

    /// Bytes that it keeps: the sums of all draws and of each test, and what each test follows.
    static func byteCount(classCount: Int) -> Int {
        (maxTests + 1) * SampleMoments.byteCount(classCount: classCount)
            + maxTests * LeaderTest.byteCount(classCount: classCount)
    }

    /// Whether the class that leads is proven to be the right one.
    var isProven: Bool { tests.last?.isProven ?? false }

    /// The classes whose next draws are wanted; none without a leader, or where it is proven.
    var classes: [Int] { tests.last?.classes ?? [] }

    /// Adds draws, one list for each of `classes`. `turn` has to follow with the sums of the same.
    mutating func add(_ draws: [[Double]]) {
        guard !tests.isEmpty else { return }
        tests[tests.count - 1].add(draws)
    }

    /// Takes the sums of all draws so far, and turns to the class that leads by them.
    mutating func turn(to sums: DrawSums) {
        if !tests.isEmpty { tests[tests.count - 1].add(sums, since: self.sums) }
        self.sums = sums
        let leader = sums.leader
        if tests.last?.leader == leader { return }
        let test = resting(leader) ?? begin(leader)
        tests.append(test)
    }

    /// Takes a leader's test out of those that rest.
    private mutating func resting(_ leader: Int) -> LeaderTest? {
        tests.firstIndex { $0.leader == leader }.map { tests.remove(at: $0) }
    }

    private mutating func begin(_ leader: Int) -> LeaderTest {
        begunCount += 1
        if tests.count == Self.maxTests { tests.removeFirst() }
        let order = Double(begunCount)
        return LeaderTest(
            leader: leader, of: sums, link, threshold: log(order * (order + 1) / delta))
    }
}
