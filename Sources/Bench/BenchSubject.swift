internal import Heads
internal import LogitKernels
internal import Predictions
internal import Service

/// The call that is measured: a head's prediction for a batch of random rows, the dense kernel, or
/// the texts of a prediction.
struct BenchSubject {
    let call: () -> Void
    /// Bytes of text that a call reads and writes; nil if it computes.
    private(set) var textByteCount: Int?
    /// Samples that the rule takes for the rows, in the mean; nil without noise.
    private(set) var samplesPerRow: Int?

    init(_ kind: BenchKind, _ shape: BenchShape, _ compute: ComputeOptions) throws {
        let rows = (0..<shape.rows * shape.features).map { _ in Float.random(in: -1...1) }
        guard kind != .logits else {
            call = Self.logits(shape, rows, compute)
            return
        }
        let model = try SyntheticCheckpoint(kind, shape).model(compute.weights)
        let prediction = Self.prediction(model, shape, rows, ComputeEngine(compute))
        guard kind == .json else {
            call = { _ = prediction() }
            if kind == .hetXL { samplesPerRow = Self.samplesPerRow(prediction()) }
            return
        }
        let exchange = try JSONExchange(model: model, features: rows, outcomes: prediction())
        call = { exchange.run() }
        textByteCount = exchange.byteCount
    }

    private static func logits(
        _ shape: BenchShape, _ rows: [Float], _ compute: ComputeOptions
    ) -> () -> Void {
        let kernel = LogitKernel(
            pool: ComputePool(threadCount: compute.threadCount),
            instructionSet: compute.instructionSet)
        let values = (0..<shape.classes * shape.features).map { _ in Float.random(in: -1...1) }
        let weights = PackedWeights(
            values.span, outputCount: shape.classes, inputCount: shape.features,
            layout: .outputMajor, format: compute.weights ?? .float32)
        var logits = [Float](repeating: 0, count: shape.rows * shape.classes)
        return {
            var span = logits.mutableSpan
            kernel.dense(rows.span, rowCount: shape.rows, weights, bias: nil, into: &span)
        }
    }

    private static func samplesPerRow(_ outcomes: [RowOutcome]) -> Int? {
        let counts = outcomes.compactMap { outcome -> Int? in
            guard case .prediction(let prediction) = outcome else { return nil }
            return prediction.uncertainty?.sampleCount
        }
        return counts.isEmpty ? nil : counts.reduce(0, +) / counts.count
    }

    private static func prediction(
        _ model: Model, _ shape: BenchShape, _ rows: [Float], _ engine: ComputeEngine
    ) -> () -> [RowOutcome] {
        var options = RowOptions(
            topK: 5, sampleCount: shape.samples, seed: 0, estimator: shape.estimator,
            wantsProbabilities: false)
        options.details.tolerance = shape.tolerance
        let batch = FeatureBatch(
            features: rows, options: [RowOptions](repeating: options, count: shape.rows))
        let context = ComputeContext(engine: engine) { _ in true }
        return { model.head.predict(batch, context) }
    }
}
