internal import Glibc

/// The digits of a head below some limit, best first, ties to the lower digit, with the mass of the
/// first ones.
struct DigitMass {
    let digits: [Int]
    /// ln p of each, never increasing.
    let logs: [Double]
    /// ln p of the best one.
    let peak: Double
    /// The sum of the first n over that of the best one alone, from n = 0 on: of digits in a far
    /// tail it is a number all the same.
    private let sums: [Double]

    /// Takes ln p of at least one digit. Cost O(C log C).
    init(_ logs: ArraySlice<Double>) {
        let values = Array(logs)
        digits = TopK.indices(of: values, count: values.count)
        self.logs = digits.map { values[$0] }
        let peak = values[digits[0]]
        self.peak = peak
        var sum = 0.0
        sums =
            [0]
            + self.logs.map { log in
                sum += exp(log - peak)
                return sum
            }
    }

    /// The mass of the first `count` digits over exp(`peak`).
    func mass(ofFirst count: Int) -> Double { sums[count] }

    /// The number of digits whose logarithm passes a test that no digit passes after one that does
    /// not.
    func count(where passes: (Double) -> Bool) -> Int {
        var (first, end) = (0, logs.count)
        while first < end {
            let middle = first + (end - first) / 2
            if passes(logs[middle]) { first = middle + 1 } else { end = middle }
        }
        return first
    }
}
