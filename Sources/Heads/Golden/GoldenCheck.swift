internal import Predictions

/// The comparison of a model's answers with its author's own.
///
/// Exact answers may differ by the file's `tolerance`, or 10⁻⁴: float32 logits of size 2⁷ err by
/// about 2⁷·2⁻²⁰ and a probability by at most a quarter of that, twice over for the author's own
/// rounding: 2⁻¹⁴. Answers by sampling may differ by what chance explains, class by class
/// (`GoldenChance`) and all together (`JointDifference`), but no class is judged by less than that
/// tolerance. The bound of a narrow format of weights comes on top.
struct GoldenCheck {
    let answers: GoldenAnswers
    let limits: GoldenLimits

    private var golden: GoldenOutputs { limits.golden }

    /// Fails at the first row and class that differs too much, else when all together do.
    func run() throws(ModelError) -> GoldenReport {
        guard let sampleCount = answers.summary.defaultSampleCount else { return try runExact() }
        return try runSampled(modelSampleCount: sampleCount)
    }

    // MARK: Exact answers

    private func runExact() throws(ModelError) -> GoldenReport {
        let options = RowOptions(topK: 0, sampleCount: 1, seed: 0, wantsProbabilities: true)
        var differences = GoldenDifferences()
        for rows in answers.pieces(of: golden.rowCount) {
            for (row, answer) in zip(rows, try answers.predict(golden, rows: rows, options)) {
                for (index, found) in (answer.probabilities ?? []).enumerated() {
                    let difference = limits.difference(Double(found), row: row, index: index)
                    differences.add(difference)
                    try limits.require(
                        difference, within: limits.tolerance, row: row, index: index)
                }
            }
        }
        return differences.report(of: golden, rowCount: golden.rowCount)
    }

    // MARK: Answers by sampling

    private func runSampled(modelSampleCount: Int) throws(ModelError) -> GoldenReport {
        let sampled = try SampledAnswers(answers, golden)
        var comparison = SampledComparison(
            limits, rowCount: sampled.plan.rowCount, modelSampleCount: modelSampleCount)
        try sampled.forEachRow { (row, answer) throws(ModelError) in
            try comparison.add(row: row, answer)
        }
        try comparison.requireAll()
        return comparison.differences.report(of: golden, rowCount: sampled.plan.rowCount)
    }
}
