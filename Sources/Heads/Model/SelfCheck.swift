internal import Glibc
internal import LogitKernels
internal import Predictions

/// Checks a loaded model before it answers anyone: the kernels of this machine
/// against the portable ones, and the author's own outputs where the model's folder has them.
///
/// That weights are finite and shapes fit was found while loading. Costs two predictions of one
/// row, and one of every golden row; of a head that samples, what `GoldenPlan` allows.
package struct SelfCheck {
    private let model: Model
    private let engine: ComputeEngine

    package init(_ model: Model, engine: ComputeEngine) {
        self.model = model
        self.engine = engine
    }

    /// The outcome of a check that passed.
    package struct Report: Sendable, Equatable {
        /// The comparison with the folder's `expected.npz`; nil where it has no outputs.
        package let golden: GoldenReport?
        /// Arrays of that file that no check uses.
        package let ignoredArrays: [String]
    }

    /// Fails when a check does.
    package func run() throws(ModelError) -> Report {
        try checkKernels()
        guard let path = model.goldenPath else { return Report(golden: nil, ignoredArrays: []) }
        let (outputs, ignored) = try GoldenOutputs.read(path, for: model.head.summary)
        return Report(
            golden: try outputs.map { (outputs) throws(ModelError) in try check(outputs, path) },
            ignoredArrays: ignored)
    }

    // MARK: Kernels

    /// Enough samples to run every loop over them, few enough to cost nothing beside loading.
    private static let sampleCount = 16

    private func checkKernels() throws(ModelError) {
        let portable = LogitKernel(pool: engine.kernel.pool, instructionSet: .baseline)
        for choice in Self.estimators(of: model.head.summary) {
            let expected = numbers(of: try answer(of: model.head, portable, choice))
            let found = numbers(of: try answer(of: model.head, engine.kernel, choice))
            for (expected, found) in zip(expected, found)
            where !(abs(expected - found) <= model.weights.kernelTolerance) {
                throw .kernelsDisagree(
                    model: model.name, portable: expected, found: found,
                    tolerance: model.weights.kernelTolerance)
            }
        }
    }

    /// The law, and independent draws of a head with noise. Points are left out: they are laid
    /// along axes, which roundings may turn far where two are of nearly one length, and as many
    /// other points then differ by their error.
    private static func estimators(of summary: HeadSummary) -> [EstimatorChoice] {
        guard summary.defaultSampleCount != nil else { return [.auto] }
        return summary.hasKnownLaw ? [.auto, .only(.monteCarlo)] : [.only(.monteCarlo)]
    }

    /// Largest difference of a number in the answers of the model and of another head of the same
    /// shape to one row.
    func difference(from other: any Head) throws(ModelError) -> Float {
        let estimator = Self.estimators(of: other.summary)[0]
        let expected = numbers(of: try answer(of: other, engine.kernel, estimator))
        let found = numbers(of: try answer(of: model.head, engine.kernel, estimator))
        return zip(expected, found).reduce(0) { max($0, abs($1.0 - $1.1)) }
    }

    private func answer(
        of head: any Head, _ kernel: LogitKernel, _ estimator: EstimatorChoice
    ) throws(ModelError) -> Prediction {
        let options = RowOptions(
            topK: 5, sampleCount: Self.sampleCount, seed: 0, estimator: estimator,
            wantsProbabilities: head.summary.canListProbabilities)
        let batch = FeatureBatch(features: features, options: [options])
        return try head.answers(
            to: batch, ComputeContext(kernel: kernel), modelName: model.name)[0]
    }

    /// One row within -1...1 that repeats nowhere.
    private var features: [Float] {
        (0..<model.head.summary.inputCount).map { Float(sin(Double($0 + 1))) }
    }

    /// All probabilities, or the best numbers; labels of almost equal ones may change places.
    private func numbers(of prediction: Prediction) -> [Float] {
        prediction.probabilities ?? prediction.top.compactMap { $0.score ?? $0.probability }
    }

    // MARK: Golden outputs

    /// The author's outputs are older than a temperature that a calibration has fitted.
    private func check(
        _ golden: GoldenOutputs, _ path: String
    ) throws(ModelError) -> GoldenReport {
        let answers = GoldenAnswers(
            head: model.unfittedHead ?? model.head, context: ComputeContext(kernel: engine.kernel),
            modelName: model.name)
        return try GoldenCheck(
            answers: answers,
            limits: GoldenLimits(
                golden: golden, path: path, formatError: Double(model.weights.probabilityError))
        ).run()
    }
}
