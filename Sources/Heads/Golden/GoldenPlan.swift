internal import Predictions

/// The work of a golden check of a head that samples: rows, and samples of each.
///
/// The samples are drawn in runs, which tell how the head's own estimates differ from one another.
struct GoldenPlan: Sendable, Equatable {
    /// Runs of a row. The covariance that `JointDifference` takes from them has as many dimensions
    /// as matter there.
    static let runCount = 64
    /// Samples of the run that shows how many are needed.
    static let pilotSampleCount = 256
    /// Samples of a run: at least as many as give a spread.
    static let minRunSampleCount = 16
    /// Rows that are compared whatever they take.
    static let minRowCount = 8
    /// The standard error that is drawn for.
    static let standardError = 1e-3
    /// Multiply-adds in all: about 20 s of two cores that do 10¹¹ a second together.
    static let maxWork = 0x1p41

    var rowCount: Int
    /// Samples of each run.
    var runSampleCount: Int

    /// Samples of a row.
    var sampleCount: Int { Self.runCount * runSampleCount }

    /// The rows and samples for a head of which a sample's probabilities have at most this
    /// variance, which is raised by a quarter because a pilot run has found it.
    ///
    /// Where that is too much work, rows are left out down to `minRowCount`, then samples; the
    /// head's standard error is then larger, and counts as it is.
    init(rowCount: Int, variance: Double, _ summary: HeadSummary) {
        let needed = 1.25 * min(variance, 0.2) / (Self.standardError * Self.standardError)
        let goal = max(
            Self.minRunSampleCount, Int((needed / Double(Self.runCount)).rounded(.up)))
        let cost = SampledRowCost(summary)
        let affordable = Self.maxWork / (Double(Self.runCount) * cost.ofRun(sampleCount: goal))
        self.rowCount = min(rowCount, max(Self.minRowCount, Int(affordable)))
        let workOfRun = Self.maxWork / Double(Self.runCount * self.rowCount)
        let samples = (workOfRun - cost.setUp) / cost.ofSample
        runSampleCount = max(Self.minRunSampleCount, min(goal, Int(samples)))
    }

    /// Rows that a pilot run may look at.
    static func pilotRowCount(of rowCount: Int, _ summary: HeadSummary) -> Int {
        GoldenPlan(rowCount: rowCount, variance: 0, summary).rowCount
    }
}

/// Multiply-adds of sampling one row.
private struct SampledRowCost {
    /// Multiply-adds that an exponential takes the time of.
    private static let exponential = 16.0

    /// The columns of the noise through the location weights.
    let setUp: Double
    let ofSample: Double

    init(_ summary: HeadSummary) {
        let classes = Double(summary.classCount)
        setUp = Double(summary.inputCount) * classes * Double((summary.factorCount ?? 0) + 2)
        ofSample = classes * (Double(summary.drawCount ?? 1) + Self.exponential)
    }

    func ofRun(sampleCount: Int) -> Double { setUp + Double(sampleCount) * ofSample }
}
