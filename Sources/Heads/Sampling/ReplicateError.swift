/// Errors by estimates of the same mean that are independent.
enum ReplicateError {
    /// The standard error of the mean of at least two.
    static func ofMean(_ means: [Double]) -> Double {
        let count = Double(means.count)
        let center = means.reduce(0, +) / count
        let squares = means.reduce(0) { $0 + ($1 - center) * ($1 - center) }
        return (squares / (count - 1) / count).squareRoot()
    }
}
