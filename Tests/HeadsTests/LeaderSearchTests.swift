import Fixtures
import Glibc
import Predictions
import Testing

@testable import Heads

/// The proof that a class leads, by independent draws.
@Suite struct LeaderSearchTests {
    // MARK: Evidence

    /// log ((1/19) Σ_λ Π (1 + λD)), λ = .05, .10, … .95, by one logarithm a factor.
    private static func logWealth(_ differences: [Double]) -> Double {
        let logs = (1...19).map { bet in
            differences.reduce(0.0) { $0 + log1p(Double(bet) / 20 * $1) }
        }
        let largest = logs.max() ?? 0
        return largest + log(logs.reduce(0) { $0 + exp($1 - largest) } / 19)
    }

    /// A factor, .05 at least, is off by 2·2⁻⁵³/.05 on either side, and a product by 2⁻⁵³ more;
    /// sums of n logarithms, each of 3 at most, are off by n·3n·2⁻⁵³. 4·2⁻⁵³ for the mean.
    @Test(arguments: [0, 1, 127, 128, 129, 256, 1000])
    func `evidence is the mean wealth of nineteen gamblers`(count: Int) {
        var random = SeededRandom(seed: UInt64(count))
        for bias in [-0.5, 0, 0.1, 0.7] {
            let draws = (0..<count).map { _ in min(max(random.uniform() * 2 - 1 + bias, -1), 1) }
            var evidence = BettingEvidence()
            for draw in draws { evidence.add(draw) }
            let n = Double(count)
            let bound = (4 + 82 * n + 3 * n * n) * 0x1p-53
            #expect(abs(evidence.logWealth - Self.logWealth(draws)) <= bound)
        }
    }

    /// As many factors as are multiplied at once, all as small or as large as they can be.
    @Test(arguments: [-1.0, 1])
    func `no wealth leaves the range of numbers`(difference: Double) {
        var evidence = BettingEvidence()
        let draws = [Double](
            repeating: difference, count: 3 * BettingEvidence.factorsAtOnce - 1)
        for draw in draws { evidence.add(draw) }
        let truth = Self.logWealth(draws)
        #expect(abs(evidence.logWealth - truth) <= abs(truth) * 0x1p-40)
    }

    /// λ Σ(p − q) − λ² Σ(p² + q²) of the best λ of .05, .10, … .65, and log 19 less.
    private static func leastLogWealth(_ pairs: [(Double, Double)]) -> Double {
        let difference = pairs.reduce(0) { $0 + $1.0 - $1.1 }
        let square = pairs.reduce(0) { $0 + $1.0 * $1.0 + $1.1 * $1.1 }
        let bets = (1...13).map { Double($0) / 20 }
        return (bets.map { $0 * difference - $0 * $0 * square }.max() ?? 0) - log(19)
    }

    /// Of all kinds of pairs, those with one that is the leader's at times and another's at others
    /// among them. A thousand sums round by less than 10⁻⁹.
    @Test func `sums tell no more than the draws`() {
        var random = SeededRandom(seed: 4)
        for (scale, power) in [(1.0, 1.0), (1, 8), (0.01, 1), (1, 0.1)] {
            for lead in [0, 0.02, 0.3, 1] {
                for count in [1, 24, 1000] {
                    let pairs = (0..<count).map { _ in
                        let p = scale * pow(random.uniform(), power)
                        let q = min(1 - p, scale * pow(random.uniform(), power)) * (1 - lead)
                        return (p, q)
                    }
                    var evidence = BettingEvidence()
                    for (p, q) in pairs { evidence.add(p - q) }
                    let found = BettingEvidence.leastLogWealth(
                        differences: pairs.reduce(0) { $0 + $1.0 - $1.1 },
                        squares: pairs.reduce(0) { $0 + $1.0 * $1.0 + $1.1 * $1.1 })
                    #expect(found <= evidence.logWealth + 1e-9)
                    let truth = Self.leastLogWealth(pairs)
                    if truth > -log(19) { #expect(abs(found - truth) <= 1e-9) }
                }
            }
        }
        // The largest bet on the worst of all draws, and on none.
        #expect(BettingEvidence.leastLogWealth(differences: -1, squares: 1) <= log(0.05))
        #expect(BettingEvidence.leastLogWealth(differences: 0, squares: 0) == -log(19))
    }

    // MARK: A test

    /// Draws of a softmax whose logits have the given means and independent noise.
    private static func draws(
        _ logits: [Double], deviation: Double, count: Int, _ random: inout SeededRandom
    ) -> [[Double]] {
        var lists = [[Double]](repeating: [], count: logits.count)
        for _ in 0..<count {
            let values = logits.map { exp($0 + deviation * random.normal()) }
            let sum = values.reduce(0, +)
            for (k, value) in values.enumerated() { lists[k].append(value / sum) }
        }
        return lists
    }

    /// The sums of some draws of all classes.
    private static func sums(_ lists: [[Double]]) -> DrawSums {
        var sums = DrawSums(classCount: lists.count)
        sums.count = lists[0].count
        sums.sums = lists.map { $0.reduce(0, +) }
        sums.squares = lists.map { $0.reduce(0) { $0 + $1 * $1 } }
        return sums
    }

    /// .5 leads; .5 − .2 − .15 = .15 is more than a quarter of it, .05 is less. Labels leave
    /// nothing of each other.
    @Test func `challengers are followed until little is left`() {
        let draws = Self.sums([[0.04], [0.2], [0.01], [0.5], [0.1], [0.15]])
        let test = LeaderTest(leader: 3, of: draws, .softmax, threshold: 1)
        #expect(test.classes == [3, 1, 5, 4] && !test.isProven)
        let labels = LeaderTest(leader: 3, of: draws, .sigmoid, threshold: 1)
        #expect(labels.classes == [3, 1, 5, 4, 0, 2])
        let sure = LeaderTest(
            leader: 0, of: Self.sums([[0.9], [0.06], [0.04]]), .softmax, threshold: 1)
        #expect(sure.classes == [0] && !sure.isProven)
    }

    @Test(arguments: [1, 2, 256, 257, 258, 400], [Link.softmax, .sigmoid])
    func `and no more than 256 of them`(classes: Int, link: Link) {
        let draws = Self.sums([[Double]](repeating: [1 / Double(classes)], count: classes))
        let test = LeaderTest(leader: 0, of: draws, link, threshold: 1)
        let near = min(classes - 1, LeaderTest.maxNear)
        #expect(test.classes == (near == 0 ? [] : Array(0...near)))
        #expect(test.isProven == (classes == 1))
    }

    /// A leader is proven at the first look at which each challenger has been beaten at some look:
    /// those that are followed by their draws, the others by what is left or by their sums.
    @Test(arguments: [Link.softmax, .sigmoid], [0.4, 0.1])
    func `a leader is proven as soon as every challenger is beaten`(
        link: Link, choice: Double
    ) {
        var random = SeededRandom(seed: 5)
        // By .4 the leader has two beside it and little is left; by .1 far more than 256 have.
        let others = choice == 0.4 ? 6 : 300
        for _ in 0..<(others == 6 ? 50 : 4) {
            let logits = [1, 0.5, 0.4] + (3..<others).map { _ in -3 + 0.1 * random.normal() }
            let lists = Self.draws(logits, deviation: 1.5, count: 800, &random)
            let threshold = log(60.0)
            let left = (1 - choice - 0.55) / Double(others - 3)
            let chosen = Self.sums(
                [choice, 0.3, 0.25].map { [$0] } + logits.dropFirst(3).map { _ in [left] })
            var test = LeaderTest(leader: 0, of: chosen, link, threshold: threshold)
            let near = Set(test.classes.dropFirst())
            let far = logits.indices.filter { $0 != 0 && !near.contains($0) }
            let hasRest = link == .softmax && others == 6
            #expect(near.count == (hasRest ? 2 : min(others - 1, 256)))
            var isBeaten = logits.indices.map { $0 == 0 }
            var before = Self.sums(logits.map { _ in [] })
            for end in stride(from: 40, through: 800, by: 40) {
                test.add(test.classes.map { Array(lists[$0][end - 40..<end]) })
                let after = Self.sums(lists.map { Array($0[0..<end]) })
                test.add(after, since: before)
                before = after
                for k in logits.indices.dropFirst() where !isBeaten[k] {
                    let pairs = (0..<end).map { (lists[0][$0], lists[k][$0]) }
                    let evidence =
                        near.contains(k)
                        ? Self.logWealth(pairs.map { $0 - $1 }) : Self.leastLogWealth(pairs)
                    if evidence >= threshold { isBeaten[k] = true }
                }
                if hasRest {
                    let left = (0..<end).map { sample in
                        lists[0][sample] - far.reduce(0) { $0 + lists[$1][sample] }
                    }
                    if Self.logWealth(left) >= threshold { for k in far { isBeaten[k] = true } }
                }
                #expect(test.isProven == isBeaten.allSatisfy { $0 })
            }
        }
    }

    // MARK: A search

    /// Runs a search until the leader is proven or `most` draws are made. The result has the class
    /// that led at last.
    private static func search(
        delta: Double, most: Int, classes: Int, _ draw: (Int) -> [[Double]]
    ) -> (leader: Int, isProven: Bool, draws: Int) {
        var search = LeaderSearch(delta: delta, .softmax, classCount: classes)
        var all = [[Double]](repeating: [], count: classes)
        var count = 0
        while true {
            let next = SampleCounts.draws(after: count, most: most)
            let lists = draw(next - count)
            search.add(search.classes.map { lists[$0] })
            count = next
            for k in 0..<classes { all[k] += lists[k] }
            let sums = sums(all)
            search.turn(to: sums)
            if search.isProven || count == most { return (sums.leader, search.isProven, count) }
        }
    }

    /// Of two classes of the same law neither leads, so that every proof is wrong: δ of the runs at
    /// most, and three deviations of that share. With δ = ½ there are such runs.
    @Test(arguments: [0.05, 0.5])
    func `ties are proven no more often than the level of error`(delta: Double) {
        var random = SeededRandom(seed: 77)
        let runs = 600
        var proven = 0
        for _ in 0..<runs {
            let found = Self.search(delta: delta, most: 600, classes: 2) { count in
                Self.draws([0, 0], deviation: 2, count: count, &random)
            }
            proven += found.isProven ? 1 : 0
        }
        let most = delta + 3 * (delta * (1 - delta) / Double(runs)).squareRoot()
        #expect(Double(proven) / Double(runs) <= most)
        if delta == 0.5 { #expect(proven > 0) }
    }

    /// Exchangeable classes but for one that lies further back or ahead: a wrong class is proven
    /// with a chance of δ at most, and three deviations of that share; the right one nearly always
    /// where it leads by a tenth.
    @Test(arguments: [(0.0, 0.0), (0.02, 0), (0.2, 0), (0.9, 0.95)])
    func `a leader that is proven is the right one`(logit: Double, least: Double) {
        var random = SeededRandom(seed: 9)
        let (runs, delta) = (200, 0.05)
        var (right, wrong) = (0, 0)
        for _ in 0..<runs {
            let found = Self.search(delta: delta, most: 1000, classes: 5) { count in
                Self.draws([0, 0, logit, 0, -1], deviation: 1.5, count: count, &random)
            }
            guard found.isProven else { continue }
            if found.leader == 2 && logit > 0 { right += 1 } else { wrong += 1 }
        }
        let most = delta + 3 * (delta * (1 - delta) / Double(runs)).squareRoot()
        #expect(Double(wrong) / Double(runs) <= most)
        #expect(Double(right) / Double(runs) >= least)
    }

    /// Sums of `count` draws of the same probabilities.
    private static func constant(_ probabilities: [Double], count: Int) -> DrawSums {
        sums(probabilities.map { [Double](repeating: $0, count: count) })
    }

    /// The first draws may choose the wrong leader; another one has a test of its own.
    @Test func `a leader that falls back does not keep the search`() {
        var search = LeaderSearch(delta: 0.05, .softmax, classCount: 2)
        #expect(search.classes.isEmpty && !search.isProven)
        search.turn(to: Self.constant([0.6, 0.4], count: 2))
        #expect(search.classes == [0, 1])
        search.add([[0.1, 0.1], [0.9, 0.9]])
        search.turn(to: Self.sums([[0.6, 0.6, 0.1, 0.1], [0.4, 0.4, 0.9, 0.9]]))
        #expect(search.classes == [1, 0] && !search.isProven)
        // Wealth of 1.19ⁿ at least; log (6 · 20) of it and log 19 are enough, and as few are not
        // enough as log 120 takes of 1.19ⁿ and no gambler has more.
        let enough = Int(((log(120.0) + log(19)) / log(1.19)).rounded(.up))
        let few = Int((log(120.0) / log(1.19)).rounded(.down))
        for count in [few, enough - few] {
            search.add([
                [Double](repeating: 0.6, count: count), [Double](repeating: 0.4, count: count),
            ])
            search.turn(to: Self.constant([0.4, 0.6], count: 4 + count))
            #expect(search.isProven == (count != few))
        }
        #expect(search.classes.isEmpty)
        // The first test has rested and knows what it knew.
        search.turn(to: Self.constant([0.6, 0.4], count: 1000))
        #expect(!search.isProven && search.classes == [0, 1])
    }

    /// Leaders that lead again go on with their tests, but for those that have rested longest.
    @Test func `few tests are kept`() {
        var search = LeaderSearch(delta: 0.5, .softmax, classCount: 6)
        func lead(_ leader: Int) {
            search.turn(
                to: Self.constant((0..<6).map { $0 == leader ? 0.175 : 0.165 }, count: 10))
        }
        // One draw says it all: 19/20 of what there is, and thousands of them prove it.
        func prove() {
            let draws = [Double](repeating: 1, count: 100)
            search.add(
                search.classes.map { $0 == search.classes[0] ? draws : draws.map { $0 - 1 } })
        }
        lead(0)
        prove()
        for leader in 1...3 { lead(leader) }
        lead(0)
        #expect(search.isProven)
        for leader in 1...4 { lead(leader) }
        lead(0)
        #expect(!search.isProven && search.classes.first == 0)
    }

    @Test func `a search looks at fixed numbers of draws`() {
        var counts = [0]
        while counts.last != 2000 {
            counts.append(SampleCounts.draws(after: counts.last ?? 0, most: 2000))
        }
        #expect(counts.prefix(5) == [0, 24, 48, 72, 96])
        #expect(zip(counts, counts.dropFirst()).allSatisfy { $1 - $0 <= max(24, $0 / 8) })
        #expect(SampleCounts.draws(after: 0, most: 5) == 5)
        #expect(SampleCounts.draws(after: 24, most: 25) == 25)
    }
}

extension SeededRandom {
    fileprivate mutating func uniform() -> Double { Double.random(in: 0..<1, using: &self) }

    /// By Box and Muller.
    fileprivate mutating func normal() -> Double {
        let (radius, angle) = (-2 * log(1 - uniform()), 2 * Double.pi * uniform())
        return radius.squareRoot() * cos(angle)
    }
}
