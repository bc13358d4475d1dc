internal import Glibc

/// The differences of all rows and classes taken together: T, the mean of (δ/s)² with δ a
/// difference and s its scale, which is at least its deviation. A class's own limit sees nothing
/// when every class is off by two deviations; T does.
///
/// Were all answers right, T would be a sum Σ λᵢ χ²₁ with λᵢ the eigenvalues of the covariance of
/// all δ/s, divided by their number; its mean is at most 1. Classes of a row are correlated, and so
/// are rows if the author shares samples among them. So the covariance is taken from runs of the
/// head itself that share their samples among rows, as deviations from their mean, and the limit
/// is Laurent and Massart's (Annals of Statistics 28, 2000, Lemma 1): with probability at most e⁻ˣ,
///
///     T ≥ 1 + 2 √(x Σ λᵢ²) + 2 x max λᵢ.
///
/// Rows that were drawn independently have a smaller Σ λᵢ² and a smaller largest one. The sums of
/// powers of few runs' eigenvalues are too large on average, never too small.
struct JointDifference: Sendable {
    /// x = 6 ln 10: a right file is refused once in a million.
    private static let exponent = 6 * log(10.0)
    /// The largest eigenvalue is at most the 16th root of the trace of the 16th power.
    private static let squarings = 4

    let runCount: Int
    private(set) var count = 0
    private var sum = 0.0
    /// The runs' products, `runCount`×`runCount`.
    private var products: [Double]

    init(runCount: Int) {
        self.runCount = runCount
        products = [Double](repeating: 0, count: runCount * runCount)
    }

    /// Adds a row. Cost: `runCount`²·K/2.
    ///
    /// - Parameters:
    ///   - ratios: δ/s, [K].
    ///   - runs: `runCount`×K, in the same unit: what a run differs from all by, and as widely
    ///     spread as the difference itself should be.
    mutating func add(ratios: [Double], runs: [Double]) {
        let classCount = ratios.count
        count += classCount
        for ratio in ratios { sum += ratio * ratio }
        let runs = runs.span
        for left in 0..<runCount {
            for right in 0...left {
                var product = 0.0
                for k in 0..<classCount {
                    product += runs[left * classCount + k] * runs[right * classCount + k]
                }
                products[left * runCount + right] += product
                if left != right { products[right * runCount + left] += product }
            }
        }
    }

    /// T.
    var meanSquare: Double { sum / Double(max(count, 1)) }

    /// The largest T that chance explains.
    var limit: Double {
        let trace = (0..<runCount).reduce(0) { $0 + products[$1 * runCount + $1] }
        guard trace > 0 else { return 1 }
        let mean = trace / Double(runCount - 1) / Double(count)
        var power = products.map { $0 / trace }
        let squares = power.reduce(0) { $0 + $1 * $1 }
        for _ in 0..<Self.squarings { power = squared(power) }
        let last = (0..<runCount).reduce(0) { $0 + power[$1 * runCount + $1] }
        let largest = pow(last, 1 / Double(1 << Self.squarings))
        return 1 + mean * (2 * (Self.exponent * squares).squareRoot() + 2 * Self.exponent * largest)
    }

    /// A symmetric matrix times itself.
    private func squared(_ matrix: [Double]) -> [Double] {
        var result = [Double](repeating: 0, count: matrix.count)
        for row in 0..<runCount {
            for middle in 0..<runCount {
                let factor = matrix[row * runCount + middle]
                for column in 0..<runCount {
                    result[row * runCount + column] += factor * matrix[middle * runCount + column]
                }
            }
        }
        return result
    }
}
