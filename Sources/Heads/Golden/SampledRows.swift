internal import Predictions

/// One row's answer by a head that samples, as `GoldenPlan.runCount` runs of independent draws.
struct SampledRow: Sendable {
    /// Means over all runs, [K].
    let means: [Double]
    /// Variance of one sample, [K].
    let variances: [Double]
    /// The runs' means less those of all, runs×K.
    let deviations: [Double]
    /// Samples of all runs.
    let sampleCount: Int

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
            for (place, row) in rows.enumerated() {
                let sampled = SampledRow(
                    runs.map { $0[place] }, classCount: summary.classCount,
                    runSampleCount: plan.runSampleCount)
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
}
