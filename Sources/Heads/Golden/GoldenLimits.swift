/// The author's outputs, and the differences from them that are never refused.
struct GoldenLimits: Sendable {
    let golden: GoldenOutputs
    /// Names the file in errors.
    let path: String
    /// Largest error of a probability by the format of the weights.
    let formatError: Double

    private static let defaultTolerance = 1e-4

    /// No class is judged by less.
    var tolerance: Double { golden.tolerance.map(Double.init) ?? Self.defaultTolerance }

    /// Number of labels K.
    var classCount: Int { golden.probabilities.count / golden.rowCount }

    /// The author's probability less `found`.
    func difference(_ found: Double, row: Int, index: Int) -> Double {
        Double(golden.probabilities[row * classCount + index]) - found
    }

    /// A difference that chance explains, but none below the tolerance.
    func judged(_ reach: Double) -> Double { max(reach, tolerance) }

    /// Fails where a difference is above a limit and the format's error, or no number.
    func require(
        _ difference: Double, within limit: Double, row: Int, index: Int
    ) throws(ModelError) {
        guard abs(difference) <= limit + formatError else {
            let expected = golden.probabilities[row * classCount + index]
            throw .goldenDiffers(
                path: path, row: row, index: index, expected: expected,
                found: Float(Double(expected) - difference),
                tolerance: Float(limit + formatError))
        }
    }
}
