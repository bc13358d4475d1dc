internal import Glibc

/// The number and the mass of the labels that rank before one, without a visit to each.
///
/// Codes are taken apart head by head: what a prefix leads to is all before the label, or all
/// after it, or is looked at one digit further; of the last head a binary search finds how many
/// digits come before. Two heads cost O(C0 log C1). Products are compared as the ranking compares
/// them, by sums of logarithms that are added in the order of the heads: rounded sums never fall
/// where a term grows, so the bounds of a prefix are bounds of its codes, ties included.
struct ProductCount {
    private let distribution: ProductDistribution
    private let label: Int
    private let digits: [Int]
    /// ln of the label's product.
    private let logProduct: Double
    /// All digits of each head, best first.
    private let heads: [DigitMass]
    /// Codes below a digit of each head.
    private let codeCounts: [Int]
    private var stepsLeft: Int
    private var count = 0
    private var mass = 0.0

    /// Digits that are looked at, at most, a second's work.
    static let maxSteps = 1 << 22

    init(_ distribution: ProductDistribution, label: Int, maxSteps: Int = Self.maxSteps) {
        let radix = distribution.radix
        self.distribution = distribution
        self.label = label
        digits = radix.digits(of: label)
        stepsLeft = maxSteps
        logProduct = zip(radix.sizes.indices, digits).reduce(0) { sum, place in
            sum + distribution.logProbabilities[radix.digitPlaces(place.0).lowerBound + place.1]
        }
        heads = radix.sizes.indices.map {
            DigitMass(distribution.logProbabilities[radix.digitPlaces($0)])
        }
        var codeCounts = [Int](repeating: 1, count: radix.sizes.count)
        for head in radix.sizes.indices.dropLast().reversed() {
            codeCounts[head] = codeCounts[head + 1] * radix.sizes[head + 1]
        }
        self.codeCounts = codeCounts
    }

    /// The place of the label. Where many heads make the count too long, that of the last of all
    /// labels: a score that is too high makes sets larger, never their coverage smaller.
    var standing: LabelStanding {
        let probability = distribution.probability(of: label)
        guard let before = before() else {
            return LabelStanding(
                probability: probability, rank: distribution.radix.classCount, mass: 1)
        }
        return LabelStanding(
            probability: probability, rank: before.count + 1,
            mass: min(before.mass + probability, 1))
    }

    /// The labels before this one; nil when they take more than `maxSteps`.
    func before() -> (count: Int, mass: Double)? {
        var search = self
        for box in distribution.radix.boxes {
            var prefix = Prefix(logProduct: 0, order: .same)
            for (head, digit) in box.prefix.enumerated() {
                prefix = extended(prefix, head, digit)
            }
            search.visit(prefix, head: box.prefix.count, limit: box.limit)
        }
        return search.stepsLeft >= 0 ? (search.count, search.mass) : nil
    }

    /// The first digits of codes.
    private struct Prefix {
        var logProduct: Double
        var order: Order
    }

    /// The side of the label on which codes lie by their numbers: that of ties.
    private enum Order {
        case lower, same, higher
    }

    private func extended(_ prefix: Prefix, _ head: Int, _ digit: Int) -> Prefix {
        let place = distribution.radix.digitPlaces(head).lowerBound + digit
        var order = prefix.order
        if order == .same, digit != digits[head] {
            order = digit < digits[head] ? .lower : .higher
        }
        return Prefix(
            logProduct: prefix.logProduct + distribution.logProbabilities[place], order: order)
    }

    /// Counts the codes below a prefix whose digit at `head` is below `limit`.
    private mutating func visit(_ prefix: Prefix, head: Int, limit: Int) {
        guard head + 1 < heads.count else { return visitLast(prefix, limit: limit) }
        for digit in heads[head].digits where digit < limit {
            stepsLeft -= 1
            guard stepsLeft >= 0 else { return }
            let next = extended(prefix, head, digit)
            let bounds = bounds(next, from: head + 1)
            if bounds.upper < logProduct { return }
            if bounds.lower > logProduct || (bounds.lower == logProduct && next.order == .lower) {
                count += codeCounts[head]
                mass += exp(distribution.normalized(next.logProduct))
            } else {
                visit(next, head: head + 1, limit: distribution.radix.sizes[head + 1])
            }
        }
    }

    /// The least and the largest product of the codes below a prefix.
    private func bounds(_ prefix: Prefix, from head: Int) -> (lower: Double, upper: Double) {
        var (lower, upper) = (prefix.logProduct, prefix.logProduct)
        for rest in heads[head...] {
            lower += rest.logs[rest.logs.count - 1]
            upper += rest.peak
        }
        return (lower, upper)
    }

    private mutating func visitLast(_ prefix: Prefix, limit: Int) {
        let head = heads.count - 1
        let places = distribution.radix.digitPlaces(head)
        let isWhole = limit == places.count
        let last =
            isWhole
            ? heads[head] : DigitMass(distribution.logProbabilities[places.prefix(limit)])
        let larger = last.count { prefix.logProduct + $0 > logProduct }
        let before =
            prefix.order == .lower
            ? last.count { prefix.logProduct + $0 >= logProduct } : larger
        count += before
        mass +=
            exp(distribution.normalized(prefix.logProduct + last.peak))
            * last.mass(ofFirst: before)
        if prefix.order == .same { countTies(prefix, last, after: larger) }
    }

    /// Counts the codes of the label's own prefix that tie with it and have lower numbers.
    private mutating func countTies(_ prefix: Prefix, _ last: DigitMass, after larger: Int) {
        for place in larger..<last.logs.count {
            let product = prefix.logProduct + last.logs[place]
            guard product == logProduct else { return }
            if last.digits[place] < digits[heads.count - 1] {
                count += 1
                mass += exp(distribution.normalized(product))
            }
        }
    }
}
