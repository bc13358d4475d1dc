/// The comparison of a sampling head's rows with the author's.
struct SampledComparison {
    private let limits: GoldenLimits
    private let rowCount: Int
    /// Samples that stand for the author's where the file says nothing of them.
    private let modelSampleCount: Int
    /// Deviations that a class may differ by.
    private let deviations: Double
    private(set) var differences = GoldenDifferences()
    private(set) var joint = JointDifference(runCount: GoldenPlan.runCount)

    init(_ limits: GoldenLimits, rowCount: Int, modelSampleCount: Int) {
        (self.limits, self.rowCount) = (limits, rowCount)
        self.modelSampleCount = modelSampleCount
        deviations = GoldenChance.deviations(
            forClasses: rowCount * limits.classCount)
    }

    /// Adds a row. Fails at a class that differs too much.
    mutating func add(row: Int, _ answer: SampledRow) throws(ModelError) {
        let classCount = answer.means.count
        var ratios: [Double] = []
        var runs = answer.deviations
        ratios.reserveCapacity(classCount)
        for k in 0..<classCount {
            let place = row * classCount + k
            let difference = limits.difference(answer.means[k], row: row, index: k)
            differences.add(difference)
            let chance = GoldenChance(
                probability: answer.means[k], variance: answer.variances[k],
                author: authorError(at: place, variance: answer.variances[k]),
                headSampleCount: answer.isLaw ? .infinity : Double(answer.sampleCount))
            let reach = chance.reach(deviations, towards: difference)
            try limits.require(
                difference, within: limits.judged(reach), row: row, index: k)
            let beyondFormat = max(0, abs(difference) - limits.formatError)
            ratios.append(beyondFormat / limits.judged(reach / deviations))
            scale(&runs, at: k, of: answer, by: chance)
        }
        joint.add(ratios: ratios, runs: runs)
    }

    /// Fails when all differences together are beyond chance.
    func requireAll() throws(ModelError) {
        let limit = joint.limit
        guard joint.meanSquare <= limit else {
            throw .goldenDiffersOverall(
                path: limits.path, rowCount: rowCount,
                found: joint.meanSquare.squareRoot(), limit: limit.squareRoot(),
                mean: differences.mean, max: differences.max)
        }
    }

    private func authorError(at place: Int, variance: Double) -> MeanError {
        let samples = limits.golden.sampleCount
        if let errors = limits.golden.standardErrors {
            return MeanError(
                standardError: Double(errors[place]), sampleCount: samples, variance: variance)
        }
        return MeanError(
            variance: variance, sampleCount: Double(samples ?? modelSampleCount))
    }

    /// Brings the runs' deviations of a class to the spread of its difference, in units of its
    /// scale.
    private func scale(
        _ runs: inout [Double], at k: Int, of answer: SampledRow, by chance: GoldenChance
    ) {
        let classCount = answer.means.count
        let runSampleCount = Double(answer.sampleCount / GoldenPlan.runCount)
        let spread = (answer.variances[k] / runSampleCount).squareRoot()
        let units = [1.0, -1].map { side in
            let scale = limits.judged(chance.reach(deviations, towards: side) / deviations)
            return spread > 0 ? chance.standardError / spread / scale : 0
        }
        for run in 0..<GoldenPlan.runCount {
            let place = run * classCount + k
            runs[place] = answer.deviations[place] * units[answer.deviations[place] < 0 ? 1 : 0]
        }
    }
}
