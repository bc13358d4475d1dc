internal import Glibc
internal import LogitKernels
internal import Predictions

/// Checks a loaded model before it answers anyone: the kernels of this machine
/// against the portable ones, and the author's own outputs where the model's folder has them.
///
/// That weights are finite and shapes fit was found while loading. Costs two predictions of one
/// row, and one of every golden row.
package struct SelfCheck {
    private let model: Model
    private let engine: ComputeEngine

    package init(_ model: Model, engine: ComputeEngine) {
        self.model = model
        self.engine = engine
    }

    /// The outcome of a check that passed.
    package struct Report: Sendable, Equatable {
        /// Rows of the folder's `expected.npz` that were right; nil where it has none.
        package let goldenRowCount: Int?
    }

    /// Fails when a check does.
    package func run() throws(ModelError) -> Report {
        try checkKernels()
        return Report(goldenRowCount: try checkGoldenOutputs())
    }

    // MARK: Kernels

    /// Enough samples to run every loop over them, few enough to cost nothing beside loading.
    private static let sampleCount = 16

    private func checkKernels() throws(ModelError) {
        let portable = LogitKernel(pool: engine.kernel.pool, instructionSet: .baseline)
        let expected = numbers(of: try answer(of: model.head, portable))
        let found = numbers(of: try answer(of: model.head, engine.kernel))
        for (expected, found) in zip(expected, found)
        where !(abs(expected - found) <= model.weights.kernelTolerance) {
            throw .kernelsDisagree(
                model: model.name, portable: expected, found: found,
                tolerance: model.weights.kernelTolerance)
        }
    }

    /// Largest difference of a number in the answers of the model and of another head of the same
    /// shape to one row.
    func difference(from other: any Head) throws(ModelError) -> Float {
        let expected = numbers(of: try answer(of: other, engine.kernel))
        let found = numbers(of: try answer(of: model.head, engine.kernel))
        return zip(expected, found).reduce(0) { max($0, abs($1.0 - $1.1)) }
    }

    private func answer(of head: any Head, _ kernel: LogitKernel) throws(ModelError) -> Prediction {
        let options = RowOptions(
            topK: 5, sampleCount: Self.sampleCount, seed: 0,
            wantsProbabilities: head.summary.canListProbabilities)
        let batch = FeatureBatch(features: features, options: [options])
        return try answers(of: head, batch, ComputeContext(kernel: kernel))[0]
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

    private func checkGoldenOutputs() throws(ModelError) -> Int? {
        guard let path = model.goldenPath,
            let golden = try GoldenOutputs.read(path, for: model.head.summary)
        else { return nil }
        let context = ComputeContext(kernel: engine.kernel)
        let width = model.head.summary.inputCount
        for first in stride(from: 0, to: golden.rowCount, by: Self.rowsAtOnce) {
            let rows = first..<min(first + Self.rowsAtOnce, golden.rowCount)
            let features = golden.features[rows.lowerBound * width..<rows.upperBound * width]
            let batch = FeatureBatch(
                features: Array(features),
                options: [RowOptions](repeating: goldenOptions, count: rows.count))
            for (row, answer) in zip(rows, try answers(of: model.head, batch, context)) {
                try compare(answer.probabilities ?? [], with: golden, row: row, path)
            }
        }
        return golden.rowCount
    }

    private static let rowsAtOnce = 32

    private var goldenOptions: RowOptions {
        RowOptions(
            topK: 0, sampleCount: model.head.summary.defaultSampleCount ?? 1, seed: 0,
            wantsProbabilities: true)
    }

    private func compare(
        _ probabilities: [Float], with golden: GoldenOutputs, row: Int, _ path: String
    ) throws(ModelError) {
        let classCount = model.head.summary.classCount
        for (index, found) in probabilities.enumerated() {
            let expected = golden.probabilities[row * classCount + index]
            let tolerance =
                (golden.tolerance ?? tolerance(between: expected, found))
                + model.weights.probabilityError
            guard abs(found - expected) <= tolerance else {
                throw .goldenDiffers(
                    path: path, row: row, index: index, expected: expected, found: found,
                    tolerance: tolerance)
            }
        }
    }

    /// float32 logits of size 2⁷ err by about 2⁷·2⁻²⁰ and a probability by at most a quarter of
    /// that, twice over for the author's own rounding: 2⁻¹⁴. Sampling adds six standard errors of
    /// the difference, because the author's numbers are means over draws too. The variance of a
    /// draw is at most p(1 − p), with p the mean of both, because either may be 0 where a label
    /// shows up in rare draws only; it is taken as at least 1/S.
    private func tolerance(between expected: Float, _ found: Float) -> Float {
        let rounding: Float = 0x1p-14
        guard let samples = model.head.summary.defaultSampleCount else { return rounding }
        let probability = (expected + found) / 2
        let variance = max(probability * (1 - probability), 1 / Float(samples))
        return rounding + 6 * (2 * variance / Float(samples)).squareRoot()
    }

    /// The predictions of a batch, none of which may overflow.
    private func answers(
        of head: any Head, _ batch: FeatureBatch, _ context: ComputeContext
    ) throws(ModelError) -> [Prediction] {
        var answers: [Prediction] = []
        for outcome in head.predict(batch, context) {
            guard case .prediction(let prediction) = outcome else {
                throw .overflowingWeights(model: model.name)
            }
            answers.append(prediction)
        }
        return answers
    }
}
