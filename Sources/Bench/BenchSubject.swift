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
        var numbers = SyntheticNumbers(seed: Self.rowSeed)
        var rows = [Float](repeating: 0, count: shape.rows * shape.features)
        numbers.fill(&rows, bound: 1)
        guard kind != .logits else {
            call = try Self.logits(shape, rows, compute)
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

    /// Other numbers than those of the weights.
    private static let rowSeed = SyntheticNumbers.seed + 1

    private static func logits(
        _ shape: BenchShape, _ rows: [Float], _ compute: ComputeOptions
    ) throws(MemoryShortage) -> () -> Void {
        let kernel = LogitKernel(
            pool: ComputePool(threadCount: compute.threadCount),
            instructionSet: compute.instructionSet)
        let weights = try weights(shape, compute.weights ?? .float32)
        var logits = [Float](repeating: 0, count: shape.rows * shape.classes)
        return {
            var span = logits.mutableSpan
            kernel.dense(rows.span, rowCount: shape.rows, weights, bias: nil, into: &span)
        }
    }

    /// Labels whose weights are made and packed at once: whole panels.
    private static let pieceLabels = 256

    /// Random weights, packed piece by piece, so that they are in memory once.
    private static func weights(
        _ shape: BenchShape, _ format: WeightFormat
    ) throws(MemoryShortage) -> PackedWeights {
        var packer = try WeightPacker(
            outputCount: shape.classes, inputCount: shape.features, layout: .outputMajor,
            format: format)
        var numbers = SyntheticNumbers()
        var piece = [Float](repeating: 0, count: pieceLabels * shape.features)
        while packer.missingRowCount > 0 {
            numbers.fill(&piece, bound: 1)
            let labels = min(pieceLabels, packer.missingRowCount)
            packer.append(piece.span.extracting(first: labels * shape.features))
        }
        return packer.finish()
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
