internal import Predictions

/// One row's answer by a head that samples, as `GoldenPlan.runCount` runs of independent draws.
struct SampledRow: Sendable {
    /// Means over all runs, or of the law where the head knows it; [K].
    private(set) var means: [Double]
    /// Variance of one sample, [K].
    private(set) var variances: [Double]
    /// The runs' means less those of all, runs×K.
    let deviations: [Double]
    /// Samples of all runs.
    let sampleCount: Int
    /// Whether means and variances are the law's, and only the deviations are drawn.
    private(set) var isLaw = false

    /// Runs of equal size, each with all probabilities and an entry of `top` for every class.
    init(_ runs: [Prediction], classCount: Int, runSampleCount: Int) {
        var means = [Double](repeating: 0, count: classCount)
        var variances = means
        for run in runs {
            for (k, probability) in (run.probabilities ?? []).enumerated() {
                means[k] += Double(probability) / Double(runs.count)
            }
            for candidate in run.top {
                let error = Double(candidate.spread?.standardError ?? 0)
                variances[candidate.index] +=
                    error * error * Double(runSampleCount) / Double(runs.count)
            }
        }
        self.means = means
        self.variances = variances
        deviations = runs.flatMap { run in
            zip(run.probabilities ?? [], means).map { Double($0) - $1 }
        }
        sampleCount = runs.count * runSampleCount
    }

    /// Takes means and variances from an answer by quadrature; samples are kept from any other.
    mutating func take(_ law: Prediction) {
        guard law.uncertainty?.estimator == .quadrature else { return }
        isLaw = true
        means = (law.probabilities ?? []).map { Double($0) }
        for candidate in law.top {
            let deviation = Double(candidate.spread?.standardDeviation ?? 0)
            variances[candidate.index] = deviation * deviation
        }
    }
}

/// The answers of a head that samples to an author's rows, drawn as finely as a `GoldenPlan` says.
struct SampledAnswers {
    private let answers: GoldenAnswers
    private let golden: GoldenOutputs
    let plan: GoldenPlan

    init(_ answers: GoldenAnswers, _ golden: GoldenOutputs) throws(ModelError) {
        (self.answers, self.golden) = (answers, golden)
        let summary = answers.summary
        let pilotRows = GoldenPlan.pilotRowCount(of: golden.rowCount, summary)
        var variance = 0.0
        for rows in answers.pieces(of: pilotRows) {
            let sampleCount = GoldenPlan.pilotSampleCount
            let run = try answers.predict(
                golden, rows: rows, Self.options(seed: 0, sampleCount: sampleCount, summary))
            for candidate in run.lazy.flatMap(\.top) {
                let error = Double(candidate.spread?.standardError ?? 0)
                variance = max(variance, error * error * Double(sampleCount))
            }
        }
        plan = GoldenPlan(rowCount: pilotRows, variance: variance, summary)
    }

    /// Calls `body` with each row of the plan in order. Rows share the draws of a run: that is how
    /// `JointDifference` needs them. Memory: runs×K floats and doubles for each row at work.
    func forEachRow(
        _ body: (Int, SampledRow) throws(ModelError) -> Void
    ) throws(ModelError) {
        let summary = answers.summary
        for rows in answers.pieces(of: plan.rowCount) {
            var runs: [[Prediction]] = []
            for seed in 0..<GoldenPlan.runCount {
                let options = Self.options(
                    seed: UInt64(seed + 1), sampleCount: plan.runSampleCount, summary)
                runs.append(try answers.predict(golden, rows: rows, options))
            }
            let laws = try answers.predict(golden, rows: rows, Self.lawOptions(summary))
            for (place, row) in rows.enumerated() {
                var sampled = SampledRow(
                    runs.map { $0[place] }, classCount: summary.classCount,
                    runSampleCount: plan.runSampleCount)
                sampled.take(laws[place])
                try body(row, sampled)
            }
        }
    }

    /// All classes with their spread, by independent draws even where there is an exact law or a
    /// better rule: only of those the variance of one sample follows from a standard error.
    private static func options(
        seed: UInt64, sampleCount: Int, _ summary: HeadSummary
    ) -> RowOptions {
        RowOptions(
            topK: summary.classCount, sampleCount: sampleCount, seed: seed,
            estimator: .only(.monteCarlo), wantsProbabilities: true)
    }

    /// The head's own choice, which is the law where there is one; else one sample that nobody
    /// looks at.
    private static func lawOptions(_ summary: HeadSummary) -> RowOptions {
        RowOptions(topK: summary.classCount, sampleCount: 1, seed: 0, wantsProbabilities: true)
    }
}
