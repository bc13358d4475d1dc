internal import Heads
internal import LogitKernels

/// What is called again and again: a head with a batch of random rows, or the dense kernel.
struct BenchSubject {
    let call: () -> Void

    init(_ kind: BenchKind, _ shape: BenchShape, threads: Int) throws {
        let rows = (0..<shape.rows * shape.features).map { _ in Float.random(in: -1...1) }
        switch kind {
        case .logits: call = Self.logits(shape, rows, threads: threads)
        default:
            call = Self.predictions(
                try SyntheticCheckpoint(kind, shape).model(), shape, rows, threads: threads)
        }
    }

    private static func logits(
        _ shape: BenchShape, _ rows: [Float], threads: Int
    ) -> () -> Void {
        let kernel = LogitKernel(pool: ComputePool(threadCount: threads))
        let values = (0..<shape.classes * shape.features).map { _ in Float.random(in: -1...1) }
        let weights = PackedWeights(
            values.span, outputCount: shape.classes, inputCount: shape.features,
            layout: .outputMajor)
        var logits = [Float](repeating: 0, count: shape.rows * shape.classes)
        return {
            var span = logits.mutableSpan
            kernel.dense(rows.span, rowCount: shape.rows, weights, bias: nil, into: &span)
        }
    }

    private static func predictions(
        _ model: Model, _ shape: BenchShape, _ rows: [Float], threads: Int
    ) -> () -> Void {
        let options = RowOptions(
            topK: 5, sampleCount: shape.samples, seed: 0, wantsProbabilities: false)
        let batch = FeatureBatch(
            features: rows, options: [RowOptions](repeating: options, count: shape.rows))
        let work = HeadWork(engine: ComputeEngine(threadCount: threads)) { _ in true }
        return { _ = model.head.predict(batch, work) }
    }
}
