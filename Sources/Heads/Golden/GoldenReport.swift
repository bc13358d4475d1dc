/// The differences between a model's answers and its author's, of a check that passed.
package struct GoldenReport: Sendable, Equatable {
    /// Rows that were compared.
    package let rowCount: Int
    /// Rows of the file that were left out, because they would have taken too long.
    package let skippedRowCount: Int
    /// The largest absolute difference of a probability.
    package let maxDifference: Double
    /// The mean absolute difference, over the compared rows and all classes.
    package let meanDifference: Double
}

/// Absolute differences of probabilities, summed up.
struct GoldenDifferences: Sendable {
    private(set) var count = 0
    private(set) var max = 0.0
    private var sum = 0.0

    var mean: Double { sum / Double(Swift.max(count, 1)) }

    mutating func add(_ difference: Double) {
        count += 1
        sum += abs(difference)
        // A difference that is not a number is the largest of all.
        if !(abs(difference) <= max) { max = abs(difference) }
    }

    func report(of golden: GoldenOutputs, rowCount: Int) -> GoldenReport {
        GoldenReport(
            rowCount: rowCount, skippedRowCount: golden.rowCount - rowCount,
            maxDifference: max, meanDifference: mean)
    }
}
